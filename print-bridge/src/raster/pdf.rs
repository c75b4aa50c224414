//! A PDF as pages of dots, by hayro, which is Rust throughout: nothing to install beside the bridge.

use std::sync::{Arc, Mutex, PoisonError};

use hayro::{
    RenderCache, RenderSettings,
    hayro_interpret::{InterpreterSettings, InterpreterWarning, util::TransformExt as _},
    hayro_syntax::{Pdf, page::Page},
    kurbo::Affine,
    render_into,
    vello_cpu::{Pixmap, RasterizerSettings, RenderContext, Resources, TargetInit, color::palette::css::WHITE},
};

use super::{Bits, Fit, MOST_PAGES, Paper, bits::Grey, fit, picture::luma};

/// Each dot of the paper is this many dots of the rendering, both ways, so that its threshold sees edges and not
/// somebody's smoothing.
const FINER: u32 = 2;

/// Every page, laid on the paper.
pub(super) fn pages(bytes: &[u8], paper: Paper) -> Result<Vec<Bits>, String> {
    let pdf = Pdf::new(bytes.to_vec()).map_err(|error| format!("the PDF cannot be read ({error:?})"))?;
    let count = pdf.pages().len();
    if count == 0 || count > MOST_PAGES {
        return Err(format!("the PDF has {count} pages"));
    }
    let cache = RenderCache::new();
    pdf.pages().iter().map(|it| page(it, &cache, paper)).collect()
}

fn page<'a>(page: &'a Page<'a>, cache: &RenderCache<'a>, paper: Paper) -> Result<Bits, String> {
    let (width, height) = page.render_dimensions();
    let natural = f64::from(paper.dpi) / 72.0;
    let (width, height) = (f64::from(width) * natural, f64::from(height) * natural);
    let fit = fit(width, height, paper)?;
    let fine = Paper { width: paper.width * FINER, height: paper.height * FINER, ..paper };
    let grey = render(page, cache, fine, placed(width, height, fit, fine, natural))?;
    Ok(grey.laid_on(paper, Fit { scale: 1.0 / f64::from(FINER), turned: false }))
}

/// From points of the page to dots of the rendering: scaled, turned if need be, and centred.
fn placed(width: f64, height: f64, fit: Fit, fine: Paper, natural: f64) -> Affine {
    let scale = fit.scale * f64::from(FINER);
    let (across, down) = (width * scale, height * scale);
    let turn = if fit.turned { Affine::new([0.0, 1.0, -1.0, 0.0, down, 0.0]) } else { Affine::IDENTITY };
    let (across, down) = if fit.turned { (down, across) } else { (across, down) };
    let centred = (((f64::from(fine.width) - across) / 2.0).round(), ((f64::from(fine.height) - down) / 2.0).round());
    Affine::translate(centred) * turn * Affine::scale(scale * natural)
}

fn render<'a>(page: &'a Page<'a>, cache: &RenderCache<'a>, fine: Paper, placed: Affine) -> Result<Grey, String> {
    let side = |dots: u32| u16::try_from(dots).map_err(|_| "the paper is too large to render".to_owned());
    let mut context = RenderContext::new(side(fine.width)?, side(fine.height)?);
    let missing = Arc::new(Mutex::new(None));
    let heard = Arc::clone(&missing);
    let settings = InterpreterSettings {
        warning_sink: Arc::new(move |warning| {
            let what = match warning {
                InterpreterWarning::UnsupportedFont => "a font",
                InterpreterWarning::ImageDecodeFailure => "a picture",
                InterpreterWarning::UnresolvedAnnotationAppearance => "a form field",
                _ => "a part",
            };
            heard.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(what);
        }),
        ..InterpreterSettings::default()
    };
    let transform = placed * page.initial_transform(true).to_kurbo();
    render_into(page, cache, &settings, &RenderSettings::default(), &mut context, transform);
    if let Some(what) = *missing.lock().unwrap_or_else(PoisonError::into_inner) {
        return Err(format!("{what} of the PDF cannot be rendered"));
    }
    context.flush();
    let mut pixmap = Pixmap::new(context.width(), context.height());
    let paint = RasterizerSettings { target_init: TargetInit::Clear(WHITE), ..RasterizerSettings::default() };
    context.render_with(&mut pixmap, &mut Resources::default(), paint);
    let dots = pixmap.data().iter().map(|dot| luma(dot.r, dot.g, dot.b)).collect();
    Ok(Grey { width: fine.width, height: fine.height, dots })
}

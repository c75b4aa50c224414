//! Each documented rule of the platforms, seen over real HTTP, WebSocket and TCP.

#[cfg(test)]
mod aggregators;
#[cfg(test)]
mod amazon;
#[cfg(test)]
mod cainiao;
#[cfg(test)]
mod carriers;
#[cfg(test)]
mod component;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod douyin;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod jd;
#[cfg(test)]
mod jd_logistics;
#[cfg(test)]
mod jtexpress;
#[cfg(test)]
mod kdniao;
#[cfg(test)]
mod kuaidi100;
#[cfg(test)]
mod kuaishou;
#[cfg(test)]
mod notices;
#[cfg(test)]
mod own_shop;
#[cfg(test)]
mod pinduoduo;
#[cfg(test)]
mod polled;
#[cfg(test)]
mod printer;
#[cfg(test)]
mod pushed;
#[cfg(test)]
mod seals;
#[cfg(test)]
mod sf;
#[cfg(test)]
mod shopify;
#[cfg(test)]
mod signatures;
#[cfg(test)]
mod sto;
#[cfg(test)]
mod taobao;
#[cfg(test)]
mod web;
#[cfg(test)]
mod wechat_shop;
#[cfg(test)]
mod woocommerce;
#[cfg(test)]
mod xiaohongshu;
#[cfg(test)]
mod yto;
#[cfg(test)]
mod yunda;
#[cfg(test)]
mod zto;

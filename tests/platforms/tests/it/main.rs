//! Each documented rule of the platforms, seen over real HTTP, WebSocket and TCP.

#[cfg(test)]
mod amazon;
#[cfg(test)]
mod cainiao;
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
mod kuaishou;
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
mod taobao;
#[cfg(test)]
mod web;
#[cfg(test)]
mod wechat_shop;
#[cfg(test)]
mod woocommerce;
#[cfg(test)]
mod xiaohongshu;

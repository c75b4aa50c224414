//! Each documented rule of the platforms, seen over real HTTP, WebSocket and TCP.

#[cfg(test)]
mod cainiao;
#[cfg(test)]
mod component;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod own_shop;
#[cfg(test)]
mod printer;
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
mod woocommerce;

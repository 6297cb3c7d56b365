//! Authorities (RFC 3986, 3.2).
//!
//! ```text
//! authority = [ userinfo "@" ] host [ ":" port ]
//! host      = IP-literal / IPv4address / reg-name
//! reg-name  = *( unreserved / pct-encoded / sub-delims )
//! port      = *DIGIT
//! ```
//!
//! On the web a host has one normal form, which is the one demanded here. Elsewhere (`repo://Microsoft`)
//! the authority is a name as any other and is compared byte for byte. Servers often cut off
//! `scheme://` and take the rest for a path, so it is checked as a segment too.

use super::percent::{self, Characters, Decoded};
use super::{UriFault, grammar, lookalikes, segments};
use std::net::{Ipv4Addr, Ipv6Addr};

pub(super) fn check(scheme: &str, authority: &str) -> Result<(), UriFault> {
    if scheme == "file" {
        return if authority.is_empty() {
            Ok(())
        } else {
            Err(UriFault::FileAuthority)
        };
    }
    let web_port = grammar::web_port(scheme);
    if authority.is_empty() {
        return web_port.map_or(Ok(()), |_| Err(UriFault::Authority));
    }
    if percent::decoded(authority).any(|c| c == '@') {
        return Err(UriFault::Userinfo);
    }
    let (host, port) = split(authority)?;
    if let Some(port) = port {
        check_port(port, web_port)?;
    }
    if let Some(literal) = host.strip_prefix('[') {
        return check_ip_literal(literal);
    }
    if web_port.is_some() {
        return check_web_host(host);
    }
    check_name(host)
}

/// Splits off the port.
fn split(authority: &str) -> Result<(&str, Option<&str>), UriFault> {
    if authority.starts_with('[') {
        let end = authority.find(']').ok_or(UriFault::Authority)?;
        let (host, after) = authority
            .split_at_checked(end.saturating_add(1))
            .ok_or(UriFault::Authority)?;
        return match after.strip_prefix(':') {
            Some(port) => Ok((host, Some(port))),
            None if after.is_empty() => Ok((host, None)),
            None => Err(UriFault::Authority),
        };
    }
    match authority.split_once(':') {
        Some((host, port)) if is_drive(host, port) => Err(UriFault::DriveLetter),
        Some((host, port)) => Ok((host, Some(port))),
        None => Ok((authority, None)),
    }
}

fn is_drive(host: &str, port: &str) -> bool {
    port.is_empty() && host.len() == 1
}

fn check_port(port: &str, default: Option<u16>) -> Result<(), UriFault> {
    let digits = port.bytes().all(|b| b.is_ascii_digit()) && !port.starts_with('0');
    let number = port.parse::<u16>().ok().filter(|_| digits);
    match number {
        Some(number) if Some(number) != default => Ok(()),
        _ => Err(UriFault::Port),
    }
}

/// An IPv6 address, given without its `[`, as RFC 5952 writes it. Forms with an embedded IPv4
/// address have two spellings.
fn check_ip_literal(literal: &str) -> Result<(), UriFault> {
    let text = literal.strip_suffix(']').ok_or(UriFault::Authority)?;
    let address: Ipv6Addr = text.parse().map_err(|_| UriFault::Host)?;
    let same = address.to_string() == text && !text.contains('.');
    if same { Ok(()) } else { Err(UriFault::Host) }
}

/// A host as URL parsers leave it: lower case, ASCII, and no number that they read as an address.
fn check_web_host(host: &str) -> Result<(), UriFault> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._".contains(&b);
    if !host.bytes().all(plain) || host.split('.').any(str::is_empty) {
        return Err(UriFault::Host);
    }
    let last = host.rsplit('.').next().unwrap_or_default();
    let numeric = last.bytes().all(|b| b.is_ascii_digit()) || last.starts_with("0x");
    if !numeric {
        return Ok(());
    }
    // The standard library takes the dotted form only, without leading zeros.
    host.parse::<Ipv4Addr>()
        .map(|_| ())
        .map_err(|_| UriFault::Host)
}

/// The name that stands for a host in other schemes.
fn check_name(name: &str) -> Result<(), UriFault> {
    if name.is_empty() {
        return Err(UriFault::Authority);
    }
    for decoded in Characters::of(name) {
        let Decoded { char, escaped } = decoded?;
        let splits = matches!(char, ':' | '[' | ']' | '?' | '#');
        let raw_space = char == ' ' && !escaped;
        let at_sign = matches!(char, '\u{FE6B}' | '\u{FF20}');
        if splits || raw_space || at_sign || lookalikes::is_delimiter_form(char) {
            return Err(UriFault::Authority);
        }
    }
    segments::check_segment(name)
}

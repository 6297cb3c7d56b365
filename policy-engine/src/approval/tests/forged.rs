//! Tokens that are no approvals.

use super::*;
use crate::base64::{decode_url, encode_url};

/// A header with these members beside or instead of its own.
fn header(algorithm: Algorithm, members: &str) -> String {
    let alg = algorithm.label();
    format!(r#"{{"alg":"{alg}","kid":"{KID}","typ":"{TYPE}"{members}}}"#)
}

fn signed(header: &str, payload: &[u8]) -> String {
    private(Algorithm::EdDsa).compact(header.as_bytes(), payload)
}

fn fault(token: &str) -> Fault {
    check(token, Algorithm::EdDsa, NOW).unwrap_err()
}

fn payload() -> String {
    String::from_utf8(claims().to_json()).unwrap()
}

#[test]
fn other_algorithms() {
    for alg in [
        "none", "None", "HS256", "RS256", "ES384", "EdDSA ", "eddsa", "ed25519", "Ed25519",
        "Ed448", "",
    ] {
        let header = format!(r#"{{"alg":"{alg}","kid":"{KID}","typ":"{TYPE}"}}"#);
        let token = signed(&header, &claims().to_json());
        assert_eq!(fault(&token), Fault::Algorithm, "{alg}");
        let (unsigned, _) = token.rsplit_once('.').unwrap();
        assert_eq!(fault(&format!("{unsigned}.")), Fault::Algorithm, "{alg}");
    }
    for alg in ["null", "1", r#"["EdDSA"]"#] {
        let header = format!(r#"{{"alg":{alg},"kid":"{KID}","typ":"{TYPE}"}}"#);
        assert_eq!(
            fault(&signed(&header, &claims().to_json())),
            Fault::Header,
            "{alg}"
        );
    }
}

/// The public key as the secret of an HMAC would be the way in, if there were one.
#[test]
fn an_algorithm_that_is_not_the_keys() {
    let es256 = header(Algorithm::Es256, "");
    assert_eq!(
        fault(&signed(&es256, &claims().to_json())),
        Fault::Algorithm
    );
    let by_es256 = private(Algorithm::Es256).approve(KID, &claims());
    assert_eq!(fault(&by_es256), Fault::Algorithm);
    let relabelled = private(Algorithm::Es256)
        .compact(header(Algorithm::EdDsa, "").as_bytes(), &claims().to_json());
    assert_eq!(fault(&relabelled), Fault::Signature);
}

#[test]
fn headers_with_more_or_less_than_they_hold() {
    for members in [
        r#","crit":["exp"]"#,
        r#","crit":[],"b64":false"#,
        r#","b64":false"#,
        r#","zip":"DEF""#,
        r#","enc":"A256GCM""#,
        r#","jku":"https://evil.example/""#,
        r#","jwk":{"kty":"OKP"}"#,
        r#","x5c":[]"#,
        r#","x5u":"https://evil.example/""#,
        r#","cty":"JWT""#,
        r#","KID":"x""#,
    ] {
        let token = signed(&header(Algorithm::EdDsa, members), &claims().to_json());
        assert_eq!(fault(&token), Fault::Header, "{members}");
    }
    for header in [
        r#"{"alg":"EdDSA","kid":"2026-11"}"#,
        r#"{"alg":"EdDSA","typ":"mcp-approval+jwt"}"#,
        r#"{"alg":"EdDSA","kid":"2026-11","typ":"JWT"}"#,
        r#"{"alg":"EdDSA","kid":"2026-11","typ":"MCP-approval+jwt"}"#,
        r#"{"alg":"EdDSA","kid":1,"typ":"mcp-approval+jwt"}"#,
        r#"["EdDSA"]"#,
        "null",
    ] {
        assert_eq!(
            fault(&signed(header, &claims().to_json())),
            Fault::Header,
            "{header}"
        );
    }
    let twice = header(Algorithm::EdDsa, r#","alg":"none""#);
    assert_eq!(
        fault(&signed(&twice, &claims().to_json())),
        Fault::Malformed
    );
}

#[test]
fn keys_that_are_not_the_issuers() {
    let unknown = private(Algorithm::EdDsa).approve("2026-12", &claims());
    assert_eq!(fault(&unknown), Fault::UnknownKey);
    let other = private(Algorithm::EdDsa).approve("next", &claims());
    assert_eq!(fault(&other), Fault::Signature);
    let next = PrivateKey::new(Algorithm::EdDsa, &[8; 32]).unwrap();
    assert!(check(&next.approve("next", &claims()), Algorithm::EdDsa, NOW).is_ok());
    let strange = Claims {
        issuer: "other".into(),
        ..claims()
    };
    assert_eq!(
        fault(&private(Algorithm::EdDsa).approve(KID, &strange)),
        Fault::UnknownIssuer
    );
    let nobody = payload().replace(r#""iss":"desk","#, "");
    assert_eq!(
        fault(&signed(&header(Algorithm::EdDsa, ""), nobody.as_bytes())),
        Fault::UnknownIssuer
    );
}

#[test]
fn repeated_claims() {
    for member in [
        r#""tool":"delete_repo""#,
        r#""tool":"search""#,
        r#""t\u006fol":"search""#,
        r#""note":1,"note":2"#,
    ] {
        let twice = payload().replacen('{', &format!("{{{member},"), 1);
        let token = signed(&header(Algorithm::EdDsa, ""), twice.as_bytes());
        assert_eq!(fault(&token), Fault::Malformed, "{member}");
    }
    let unknown = payload().replacen('{', r#"{"note":{"n":[1]},"Tool":"x","#, 1);
    assert!(
        check(
            &signed(&header(Algorithm::EdDsa, ""), unknown.as_bytes()),
            Algorithm::EdDsa,
            NOW
        )
        .is_ok()
    );
}

#[test]
fn claims_that_are_missing_or_of_another_form() {
    let names = [
        "jti",
        "iat",
        "nbf",
        "exp",
        "approver",
        "aud",
        "caller",
        "user",
        "tool",
        "arguments",
        "policy",
    ];
    for name in names {
        let renamed = payload().replace(&format!("\"{name}\":"), &format!("\"{name}_\":"));
        let token = signed(&header(Algorithm::EdDsa, ""), renamed.as_bytes());
        assert_eq!(fault(&token), Fault::Claims, "{name}");
        for other in [
            "null",
            "[\"x\"]",
            "{}",
            "true",
            "1.5",
            "-1",
            "1e9",
            "18446744073709551616",
        ] {
            let marked = payload().replace(
                &format!("\"{name}\":"),
                &format!("\"{name}\":{other},\"_\":"),
            );
            let token = signed(&header(Algorithm::EdDsa, ""), marked.as_bytes());
            assert_eq!(fault(&token), Fault::Claims, "{name} {other}");
        }
    }
    let long = "x".repeat(129);
    for id in ["", "a b", "a\n", "é", &long] {
        let token = private(Algorithm::EdDsa).approve(
            KID,
            &Claims {
                id: id.into(),
                ..claims()
            },
        );
        assert_eq!(fault(&token), Fault::Claims, "{id}");
    }
    let long = "x".repeat(257);
    for approver in ["", "kim\nadmin", "\u{85}", &long] {
        let token = private(Algorithm::EdDsa).approve(
            KID,
            &Claims {
                approver: approver.into(),
                ..claims()
            },
        );
        assert_eq!(fault(&token), Fault::Claims, "{approver}");
    }
}

#[test]
fn texts_that_are_no_token() {
    let token = private(Algorithm::EdDsa).approve(KID, &claims());
    let parts: Vec<&str> = token.split('.').collect();
    let (head, body, signature) = (parts[0], parts[1], parts[2]);
    for text in [
        String::new(),
        ".".into(),
        "..".into(),
        "...".into(),
        head.into(),
        format!("{head}.{body}"),
        format!("{token}.{signature}"),
        format!(".{token}"),
        format!("{token}."),
        format!(" {token}"),
        format!("{token}\n"),
        format!("{token}="),
        format!("Bearer {token}"),
        format!("{head}=.{body}.{signature}"),
        format!("{head}.{body}\n.{signature}"),
        format!(
            "{{\"payload\":\"{body}\",\"protected\":\"{head}\",\"signature\":\"{signature}\"}}"
        ),
        format!("{}.{body}.{signature}", "A".repeat(8192)),
        "é.é.é".into(),
        "\u{0}".into(),
        format!("{head}..{signature}"),
        format!("{}.{body}.{signature}", encode_url(b"\xff")),
        format!("{}.{body}.{signature}", encode_url(b"{} {}")),
        format!(
            "{}.{body}.{signature}",
            encode_url("[".repeat(999).as_bytes())
        ),
    ] {
        assert!(!fault(&text).is_signed(), "{text}");
    }
    let huge = Claims {
        tool: "x".repeat(5000),
        ..claims()
    };
    assert_eq!(
        fault(&private(Algorithm::EdDsa).approve(KID, &huge)),
        Fault::Malformed
    );
}

/// 64 bytes take 86 digits, of which the last holds two bits; 1 digit in 4 leaves the bits as they are.
#[test]
fn signatures_in_another_spelling() {
    for algorithm in BOTH {
        let token = private(algorithm).approve(KID, &claims());
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let bytes = decode_url(signature.as_bytes()).unwrap();
        for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".chars() {
            let mut other = token.clone();
            other.pop();
            other.push(last);
            assert_eq!(check(&other, algorithm, NOW).is_ok(), other == token);
        }
        let standard = signature.replace('-', "+").replace('_', "/");
        assert_eq!(
            check(&format!("{signed}.{standard}"), algorithm, NOW).is_ok(),
            standard == signature
        );
        for other in [
            &bytes[..63],
            &[&bytes[..], &[0]].concat(),
            &[],
            &[0; 64],
            &[0xff; 64],
            &[&[0][..], &bytes[..]].concat(),
        ] {
            let fault =
                check(&format!("{signed}.{}", encode_url(other)), algorithm, NOW).unwrap_err();
            assert_eq!(fault, Fault::Signature);
        }
    }
}

/// With s replaced by n − s an ECDSA signature fits as well: what was used is known by `jti`.
#[test]
fn a_token_that_is_signed_again_has_the_same_id() {
    let token = private(Algorithm::Es256).approve(KID, &claims());
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let signature =
        p256::ecdsa::Signature::from_slice(&decode_url(signature.as_bytes()).unwrap()).unwrap();
    let (r, s) = signature.split_scalars();
    let other = p256::ecdsa::Signature::from_scalars(r, -s).unwrap();
    let other = format!("{signed}.{}", encode_url(&other.to_bytes()));
    assert_ne!(other, token);
    let known = check(&token, Algorithm::Es256, NOW).unwrap();
    assert_eq!(check(&other, Algorithm::Es256, NOW), Ok(known));
}

/// RFC 8032 leaves it to the verifier; with points of small order one signature fits many messages.
#[test]
fn ed25519_keys_and_signatures_of_small_order() {
    let mut identity = [0; 32];
    identity[0] = 1;
    let jwk = Jwk {
        x: encode_url(&identity),
        ..private(Algorithm::EdDsa).public(KID)
    };
    assert_eq!(PublicKey::new(&jwk), Err(KeyFault::Point));
    let token = private(Algorithm::EdDsa).approve(KID, &claims());
    let (signed, _) = token.rsplit_once('.').unwrap();
    let forged = [identity, [0; 32]].concat();
    assert_eq!(
        fault(&format!("{signed}.{}", encode_url(&forged))),
        Fault::Signature
    );
}

//! Keys of the configuration.

use super::*;
use crate::base64::encode_url;

fn read(json: &str) -> Result<Issuers, String> {
    let document = Document::parse(json.into(), OPTIONS).unwrap();
    let read = Issuer::decode(document.root(), "issuers");
    let read = read.and_then(|issuers| Issuers::new(&issuers, 60));
    read.map_err(|fault| fault.to_string())
}

fn of_jwk(members: &str) -> Result<Issuers, String> {
    read(&format!(r#"{{"desk":{{"keys":[{{{members}}}]}}}}"#))
}

/// RFC 8037, appendix A.2, and RFC 7517, appendix A.1.
const ED25519: &str =
    r#""kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo""#;
const P256: &str = r#""kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM""#;

#[test]
fn public_keys_of_both_kinds() {
    for (key, more) in [
        (ED25519, ""),
        (
            ED25519,
            r#","alg":"EdDSA","use":"sig","key_ops":["verify"]"#,
        ),
        (P256, ""),
        (P256, r#","alg":"ES256","key_ops":["sign","verify"]"#),
    ] {
        let read = of_jwk(&format!(r#"{key},"kid":"a"{more}"#));
        assert!(read.unwrap().keys("desk").unwrap().contains_key("a"));
    }
}

#[test]
fn a_key_reads_as_it_is_written() {
    for algorithm in BOTH {
        let jwk = private(algorithm).public(KID);
        let text = serde_json::to_string(&jwk).unwrap();
        let document = Document::parse(text.into(), OPTIONS).unwrap();
        assert_eq!(Jwk::decode(document.root(), ""), Ok(jwk));
    }
}

#[test]
fn keys_that_verify_nothing_are_refused() {
    let short = encode_url(&[1; 31]);
    for (members, expected) in [
        (format!(r#"{ED25519},"kid":"a","d":"AA""#), "private key"),
        (format!(r#"{P256},"d":"AA""#), "private key"),
        (r#""kty":"oct","k":"AA""#.into(), "private key"),
        (ED25519.into(), "`issuers.desk.keys[0].kid`: is missing"),
        (format!(r#"{ED25519},"kid":"""#), "is empty"),
        (format!(r#"{ED25519},"kid":"a","alg":"ES256""#), "`alg`"),
        (format!(r#"{P256},"kid":"a","alg":"EdDSA""#), "`alg`"),
        (format!(r#"{ED25519},"kid":"a","use":"enc""#), "`use`"),
        (format!(r#"{ED25519},"kid":"a","key_ops":["sign"]"#), "`key_ops`"),
        (format!(r#"{ED25519},"kid":"a","key_ops":[]"#), "`key_ops`"),
        (format!(r#"{ED25519},"kid":"a","y":"AA""#), "32 bytes"),
        (format!(r#"{ED25519},"kid":"a","x5c":[]"#), "is no key here"),
        (r#""kty":"OKP","crv":"Ed448","kid":"a","x":"AA""#.into(), "neither"),
        (r#""kty":"OKP","crv":"X25519","kid":"a","x":"AA""#.into(), "neither"),
        (r#""kty":"EC","crv":"P-384","kid":"a","x":"AA""#.into(), "neither"),
        (r#""kty":"EC","crv":"secp256k1","kid":"a","x":"AA""#.into(), "neither"),
        (r#""kty":"RSA","crv":"","kid":"a","x":"AA""#.into(), "neither"),
        (format!(r#""kty":"OKP","crv":"Ed25519","kid":"a","x":"{short}""#), "32 bytes"),
        (format!(r#""kty":"OKP","crv":"Ed25519","kid":"a","x":"{}""#, encode_url(&[2; 32])), "no point"),
        (P256.replace("4Etl", "4Etm") + r#","kid":"a""#, "no point"),
        (r#""kty":"EC","crv":"P-256","kid":"a","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4""#.into(), "32 bytes"),
    ] {
        let fault = of_jwk(&members).unwrap_err();
        assert!(fault.contains(expected), "{members}: {fault}");
    }
}

#[test]
fn sets_that_name_no_one_key_are_refused() {
    let key = format!(r#"{{{ED25519},"kid":"a"}}"#);
    let twice = read(&format!(r#"{{"desk":{{"keys":[{key},{key}]}}}}"#)).unwrap_err();
    assert_eq!(
        twice,
        "`desk.keys[1].kid`: `a` is another key's name as well"
    );
    assert!(
        read(r#"{"desk":{"keys":[]}}"#)
            .unwrap_err()
            .contains("lists none")
    );
    assert!(read(r#"{"desk":{}}"#).unwrap_err().contains("is missing"));
    assert!(read(r#"{"desk":[]}"#).is_err());
    let two = format!(r#"{{"a":{{"keys":[{key}]}},"b":{{"keys":[{key}]}}}}"#);
    assert_eq!(read(&two).unwrap().names().collect::<Vec<_>>(), ["a", "b"]);
}

/// A key of one issuer signs for no other.
#[test]
fn each_issuer_has_keys_of_its_own() {
    let jwk = |seed| {
        PrivateKey::new(Algorithm::EdDsa, &[seed; 32])
            .unwrap()
            .public(KID)
    };
    let of = |seed| Issuer {
        keys: vec![jwk(seed)],
    };
    let issuers = BTreeMap::from([("desk".to_owned(), of(8)), ("bot".to_owned(), of(7))]);
    let issuers = Issuers::new(&issuers, 60).unwrap();
    let token = private(Algorithm::EdDsa).approve(KID, &claims());
    let (arguments, policy) = (digest(r#"{"repo":"x"}"#).unwrap(), "ab".repeat(32));
    let verified = verify(token.as_bytes(), &issuers, &call(&arguments, &policy), NOW);
    assert_eq!(verified, Err(Fault::Signature));
}

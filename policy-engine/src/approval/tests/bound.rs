//! What a token binds, and when.

use super::*;
use proptest::prelude::*;

fn token(claims: &Claims) -> String {
    private(Algorithm::EdDsa).approve(KID, claims)
}

fn at(claims: &Claims, now: u64) -> Result<Approval, Fault> {
    check(&token(claims), Algorithm::EdDsa, now)
}

#[test]
fn a_token_holds_from_its_beginning_to_before_its_end() {
    assert!(at(&claims(), NOW - 5).is_ok());
    assert_eq!(at(&claims(), NOW - 6), Err(Fault::NotYetValid));
    assert!(at(&claims(), NOW + 59).is_ok());
    assert_eq!(at(&claims(), NOW + 60), Err(Fault::Expired));
    for hour in [NOW + 3600, u64::MAX] {
        assert_eq!(at(&claims(), hour), Err(Fault::Expired));
    }
    for hour in [NOW - 3600, 0] {
        assert_eq!(at(&claims(), hour), Err(Fault::NotYetValid));
    }
}

#[test]
fn a_token_from_the_future_does_not_hold() {
    let future = Claims {
        issued: NOW + 6,
        ..claims()
    };
    assert_eq!(at(&future, NOW), Err(Fault::NotYetValid));
    let never = Claims {
        issued: u64::MAX,
        ..claims()
    };
    assert_eq!(at(&never, NOW), Err(Fault::NotYetValid));
}

#[test]
fn a_token_holds_no_longer_than_the_policy_permits() {
    for (begins, expires) in [
        (NOW, NOW + 61),
        (NOW, NOW),
        (NOW, NOW - 1),
        (0, u64::MAX),
        (NOW - 1000, NOW + 1),
        (u64::MAX, u64::MAX),
    ] {
        let claims = Claims {
            begins,
            expires,
            ..claims()
        };
        assert_eq!(at(&claims, NOW), Err(Fault::Lifetime), "{begins} {expires}");
    }
}

#[test]
fn a_server_without_a_name_is_not_approved_for() {
    let arguments = Digest::of_nothing();
    let call = Call {
        server: "",
        caller: "",
        user: "",
        tool: "t",
        arguments: &arguments,
        policy: "p",
    };
    let token = token(&Claims {
        server: String::new(),
        caller: String::new(),
        user: String::new(),
        tool: "t".into(),
        arguments: arguments.to_base64url(),
        policy: "p".into(),
        ..claims()
    });
    let verified = verify(token.as_bytes(), &issuers(Algorithm::EdDsa), &call, NOW);
    assert_eq!(verified, Err(Fault::WrongServer));
}

/// Each bound claim by its fault.
fn bound(claims: &mut Claims) -> [(&mut String, Fault); 6] {
    [
        (&mut claims.server, Fault::WrongServer),
        (&mut claims.caller, Fault::WrongCaller),
        (&mut claims.user, Fault::WrongUser),
        (&mut claims.tool, Fault::WrongTool),
        (&mut claims.arguments, Fault::WrongArguments),
        (&mut claims.policy, Fault::WrongPolicy),
    ]
}

proptest! {
    #[test]
    fn no_change_to_what_is_bound_verifies(field in 0usize..6, text: String) {
        let mut claims = claims();
        let (claim, fault) = bound(&mut claims).into_iter().nth(field).unwrap();
        prop_assume!(*claim != text);
        *claim = text;
        prop_assert_eq!(at(&claims, NOW), Err(fault));
    }

    #[test]
    fn nor_does_a_small_one(field in 0usize..6, place: prop::sample::Index, character: char) {
        let mut claims = claims();
        let (claim, fault) = bound(&mut claims).into_iter().nth(field).unwrap();
        let mut characters: Vec<char> = claim.chars().collect();
        let place = place.index(characters.len());
        prop_assume!(characters[place] != character);
        characters[place] = character;
        *claim = characters.into_iter().collect();
        prop_assert_eq!(at(&claims, NOW), Err(fault));
    }

    #[test]
    fn times_that_hold_are_few(issued: u64, begins: u64, expires: u64, now: u64, near in any::<[i8; 4]>()) {
        for (issued, begins, expires, now) in [
            (issued, begins, expires, now),
            (NOW.wrapping_add_signed(near[0].into()), NOW.wrapping_add_signed(near[1].into()), NOW.wrapping_add_signed(near[2].into()), NOW.wrapping_add_signed(near[3].into())),
        ] {
            let claims = Claims { issued, begins, expires, ..claims() };
            let holds = begins < expires && expires.saturating_sub(begins) <= 60
                && issued <= now.saturating_add(5) && begins <= now.saturating_add(5) && now < expires;
            prop_assert_eq!(at(&claims, now).is_ok(), holds);
        }
    }

    #[test]
    fn nothing_else_is_an_approval(text: Vec<u8>, parts in prop::collection::vec("[A-Za-z0-9_-]{0,40}", 0..5)) {
        let arguments = Digest::of_nothing();
        let call = Call { server: "s", caller: "", user: "", tool: "", arguments: &arguments, policy: "" };
        for token in [text, parts.join(".").into_bytes()] {
            prop_assert!(verify(&token, &issuers(Algorithm::EdDsa), &call, NOW).is_err());
        }
    }
}

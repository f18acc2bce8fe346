//! What is written is read back the same, in both forms.

#![allow(clippy::unwrap_used)]

use proptest::{collection, prelude::*};
use uitlezen_property_list::{Limits, Value, parse, to_binary, to_xml};

/// `xml`: only what that form can say.
#[allow(clippy::cast_precision_loss)]
fn values(xml: bool) -> impl Strategy<Value = Value> {
    let text = if xml { "[a-zA-Z0-9 <>&\"'é€😀._-]{0,20}" } else { "\\PC{0,20}|[a-z]{0,5}" };
    let integers = prop_oneof![any::<i64>().prop_map(i128::from), any::<u64>().prop_map(i128::from), -3_i128..300];
    let dates = if xml { -60_000_000_000_i64..250_000_000_000 } else { -1_000_000..1_000_000_000 };
    let part = if xml { 0.0 } else { 0.5 };
    let leaf = prop_oneof![
        text.prop_map(Value::String),
        collection::vec(any::<u8>(), 0..40).prop_map(Value::Data),
        integers.prop_map(Value::Integer),
        (-1.0e9..1.0e9).prop_map(Value::Real),
        any::<bool>().prop_map(Value::Boolean),
        dates.prop_map(move |at| Value::Date(at as f64 + part)),
        if xml { Just(Value::Boolean(true)).boxed() } else { any::<u64>().prop_map(Value::Uid).boxed() },
    ];
    leaf.prop_recursive(5, 80, 8, move |inner| {
        prop_oneof![
            collection::vec(inner.clone(), 0..20).prop_map(Value::Array),
            collection::vec((text, inner), 0..20).prop_map(|pairs| Value::Dictionary(pairs.into_iter().collect())),
        ]
    })
}

/// The same, with the keys of every dictionary in the same order: equality alone does not look at it.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Dictionary(one), Value::Dictionary(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|((k, v), (other_k, other_v))| k == other_k && same(v, other_v))
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        _ => one == other,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn binary(value in values(false)) {
        let bytes = to_binary(&value).unwrap();
        prop_assert!(same(&parse(&bytes, &Limits::default()).unwrap(), &value));
    }

    #[test]
    fn xml(value in values(true)) {
        let bytes = to_xml(&value).unwrap();
        prop_assert!(same(&parse(&bytes, &Limits::default()).unwrap(), &value), "{}", String::from_utf8_lossy(&bytes));
    }

    /// Every prefix and every flipped byte is an answer, never a crash.
    #[test]
    fn broken(value in values(false), at: proptest::sample::Index, bit in 0_u8..8) {
        let mut bytes = to_binary(&value).unwrap();
        let at = at.index(bytes.len());
        prop_assert!(parse(bytes.get(..at).unwrap(), &Limits::default()).is_err());
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= 1 << bit;
        }
        let _ = parse(&bytes, &Limits::default());
    }
}

#[test]
fn getters_answer_for_their_own_kind_only() {
    let value = Value::of([
        ("on", Value::from(true)),
        ("one", Value::from(1_u8)),
        ("big", Value::from(u64::MAX)),
        ("when", Value::Date(-0.5)),
        ("never", Value::Date(f64::NAN)),
    ]);
    let get = |key| value.get(key).unwrap();
    assert_eq!((get("on").bool(), get("on").switch(), get("on").int()), (Some(true), Some(true), None));
    assert_eq!((get("one").bool(), get("one").switch(), get("one").int()), (None, Some(true), Some(1)));
    assert_eq!((get("big").int(), get("big").unsigned(), get("big").switch()), (None, Some(u64::MAX), None));
    assert_eq!((get("when").unix(), get("never").unix()), (Some(978_307_199), None));
    assert_eq!(value.get("absent"), None);
    assert_eq!(get("one").get("on"), None);
}

#[test]
fn what_a_form_cannot_say_is_refused() {
    assert!(to_xml(&Value::Uid(1)).is_err());
    for seconds in [f64::NAN, f64::INFINITY, 1.0e18, -1.0e18] {
        assert!(to_binary(&Value::Date(seconds)).is_err());
    }
    assert!(to_binary(&Value::Integer(1 << 70)).is_err());
}

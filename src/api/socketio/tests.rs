//! Packets, as the protocol's specification writes them.

use serde_json::{Value, json};

use super::Refusal;
use super::packet::{self, Packet, parse};

fn event<'a>(namespace: &'a str, name: &str, args: Vec<Value>, ack: Option<u64>) -> Packet<'a> {
    Packet::Event {
        namespace,
        event: Some(super::Event {
            name: name.into(),
            args,
            ack,
            size: 0,
        }),
    }
}

#[test]
fn b070_packets_are_read() {
    let connect = |namespace, auth| Packet::Connect { namespace, auth };
    for (text, expected) in [
        ("0", connect("/", Value::Null)),
        (r#"0{"token":"t"}"#, connect("/", json!({"token": "t"}))),
        ("0/messaging,", connect("/messaging", Value::Null)),
        ("0/messaging", connect("/messaging", Value::Null)),
        (r#"0/admin?a=b,{"x":1}"#, connect("/admin", json!({"x": 1}))),
        ("1", Packet::Disconnect { namespace: "/" }),
        (
            "1/messaging,",
            Packet::Disconnect {
                namespace: "/messaging",
            },
        ),
        (r#"2["a"]"#, event("/", "a", vec![], None)),
        (
            r#"2["a",1,{"b":null}]"#,
            event("/", "a", vec![json!(1), json!({"b": null})], None),
        ),
        (r#"217["a"]"#, event("/", "a", vec![], Some(17))),
        (r#"2/messaging,0["a"]"#, event("/messaging", "a", vec![], Some(0))),
        (
            r#"51-["a",{"_placeholder":true,"num":0}]"#,
            event("/", "a", vec![json!({"_placeholder": true, "num": 0})], None),
        ),
        ("31[1]", Packet::Ack),
        (
            r#"2[1,"a"]"#,
            Packet::Event {
                namespace: "/",
                event: None,
            },
        ),
    ] {
        let mut parsed = parse(text);
        if let Some(Packet::Event {
            event: Some(event), ..
        }) = &mut parsed
        {
            assert!(event.size <= text.len());
            event.size = 0;
        }
        assert_eq!(parsed, Some(expected), "{text}");
    }
}

#[test]
fn b070_what_is_no_packet_is_not_read() {
    for text in [
        "",
        "9",
        "x",
        "ö",
        "2",
        "2[]",
        "2{}",
        r#"2[{"a":1}]"#,
        "2[null]",
        r#"2["a""#,
        "0{",
        "5[\"a\"]",
        r#"5999-["a"]"#,
        r#"21234567890123456789["a"]"#,
        r#"2"a""#,
    ] {
        assert_eq!(parse(text), None, "{text}");
    }
}

#[test]
fn b070_packets_are_written() {
    assert_eq!(
        packet::emit("/", "a:b", &json!({"c": "ä\"\n"})).as_str(),
        "2[\"a:b\",{\"c\":\"ä\\\"\\n\"}]"
    );
    assert_eq!(
        packet::emit("/messaging", "a", &1).as_str(),
        r#"2/messaging,["a",1]"#
    );
    assert_eq!(packet::ack("/", 7, &true).as_str(), "37[true]");
    assert_eq!(packet::connected("/", "s").as_str(), r#"0{"sid":"s"}"#);
    assert_eq!(packet::disconnect("/messaging").as_str(), "1/messaging,");
    let refusal = Refusal::new("forbidden", "no");
    assert_eq!(
        packet::refused("/", &refusal).as_str(),
        r#"4{"message":"no","data":{"code":"forbidden"}}"#
    );
}

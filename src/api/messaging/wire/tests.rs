use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::core::rooms::SeenRoom;
use crate::store::{FirstRead, ListedRoom, NotificationFields, Standing};
use crate::types::{Priority, Source};

const AT: Timestamp = Timestamp(1_769_860_800_123);

fn message() -> store::Message {
    store::Message {
        position: 7,
        event_id: "$evt".into(),
        room_id: "!abc:hub.local".into(),
        sender: "user_456".into(),
        sender_user: "@user_456:hub.local".into(),
        sender_name: "Jane".into(),
        sender_avatar: Some("https://img.example.org/jane.png".into()),
        sender_given: Some("Jane".into()),
        sender_family: Some("Smith".into()),
        msg_type: "m.text".into(),
        body: "Hello".into(),
        reply_to: None,
        quoted: None,
        url: None,
        file_name: None,
        mime_type: None,
        size: None,
        notification: None,
        mentions: vec![],
        client_id: None,
        sent_at: AT,
        edited_at: None,
        deleted_at: None,
    }
}

fn shown(message: &store::Message) -> Value {
    serde_json::to_value(Message::from(message)).unwrap()
}

/// Contract C016, C021.
#[test]
fn c016_a_message_has_every_field_of_the_contract() {
    let expected = json!({
        "id": "$evt",
        "conversationId": "!abc:hub.local",
        "senderId": "user_456",
        "content": "Hello",
        "messageType": "TEXT",
        "createdAt": "2026-01-31T12:00:00.123Z",
        "isEdited": false,
        "editedAt": null,
        "isDeleted": false,
        "replyToId": null,
        "attachmentUrl": null,
        "attachmentName": null,
        "attachmentSize": null,
        "sender": {
            "id": "user_456", "firstName": "Jane", "lastName": "Smith",
            "avatarUrl": "https://img.example.org/jane.png",
        },
        "replyTo": null,
        "reactions": [],
        "readReceipts": [],
        "position": 7,
    });
    assert_eq!(shown(&message()), expected);
}

/// Contract C017, R30, R61: one's own messages have no receipt of one's own, and what came later none at all.
#[test]
fn c017_reactions_and_receipts_are_those_of_the_message() {
    let reaction = store::Reaction {
        event_id: "$r".into(),
        target: "$evt".into(),
        person_id: "user_123".into(),
        display_name: "John Doe".into(),
        given_name: None,
        family_name: None,
        emoji: "❤️".into(),
        created_at: AT.plus(1),
    };
    let read = |person: &str, after: i64, up_to: i64| FirstRead {
        person_id: person.into(),
        display_name: "John Doe".into(),
        given_name: None,
        family_name: None,
        after,
        up_to,
        read_at: AT.plus(up_to),
    };
    let reads = [
        read("early", 0, 6),
        read("user_123", 6, 7),
        read("user_123", 7, 9),
        read("user_456", 0, 9),
        read("late", 7, 8),
    ];
    let message = message();
    let shown =
        serde_json::to_value(Message::with(&message, std::slice::from_ref(&reaction), &reads)).unwrap();
    let john = json!({"id": "user_123", "firstName": "John", "lastName": "Doe"});
    assert_eq!(
        shown["reactions"],
        json!([{
            "id": "$r", "emoji": "❤️", "userId": "user_123", "createdAt": "2026-01-31T12:00:00.124Z", "user": john,
        }])
    );
    let receipts = shown["readReceipts"].as_array().unwrap();
    assert_eq!(receipts.len(), 1, "{receipts:?}");
    let id = receipts[0]["id"].as_str().unwrap();
    assert!(id.starts_with("receipt_") && id.len() == 24, "{id}");
    assert_eq!(
        receipts[0],
        json!({"id": id, "userId": "user_123", "readAt": "2026-01-31T12:00:00.130Z", "user": john})
    );
    // Contract C025.
    assert_eq!(
        serde_json::to_value(Reaction::from(&reaction)).unwrap(),
        json!({
            "id": "$r", "messageId": "$evt", "userId": "user_123", "emoji": "❤️",
            "createdAt": "2026-01-31T12:00:00.124Z", "user": john,
        })
    );
}

/// Contract C021: what is answered is shown as it is now.
#[test]
fn c021_an_answer_carries_what_it_answers() {
    let reply = store::Message {
        event_id: "$answer".into(),
        reply_to: Some("$evt".into()),
        quoted: Some(Box::new(message())),
        ..message()
    };
    let jane = json!({"id": "user_456", "firstName": "Jane", "lastName": "Smith"});
    assert_eq!(shown(&reply)["replyToId"], "$evt");
    assert_eq!(
        shown(&reply)["replyTo"],
        json!({"id": "$evt", "content": "Hello", "sender": jane})
    );
    let lost = store::Message {
        quoted: None,
        ..reply
    };
    assert_eq!(
        (&shown(&lost)["replyToId"], &shown(&lost)["replyTo"]),
        (&json!("$evt"), &Value::Null)
    );
}

/// Contract C020, R10, R12.
#[test]
fn c020_r10_kinds_of_message() {
    let of = |msg_type: &str, url: Option<&str>, mime: Option<&str>| {
        shown(&store::Message {
            msg_type: msg_type.into(),
            url: url.map(Into::into),
            mime_type: mime.map(Into::into),
            ..message()
        })["messageType"]
            .clone()
    };
    for (msg_type, word) in [
        ("m.text", "TEXT"),
        ("m.emote", "TEXT"),
        ("m.image", "IMAGE"),
        ("m.file", "FILE"),
        ("m.audio", "AUDIO"),
        ("m.video", "VIDEO"),
        ("m.notice", "SYSTEM"),
        ("m.location", "TEXT"),
    ] {
        assert_eq!(of(msg_type, None, None), word, "{msg_type}");
    }
    let link = Some("https://example.org/a");
    for (mime, word) in [
        (None, "TEXT"),
        (Some("image/*"), "IMAGE"),
        (Some("audio/ogg"), "AUDIO"),
        (Some("video/mp4"), "VIDEO"),
        (Some("application/pdf"), "FILE"),
        (Some(""), "FILE"),
    ] {
        assert_eq!(of("m.text", link, mime), word, "{mime:?}");
    }
    let told = store::Message {
        notification: Some(Arc::new(NotificationFields {
            id: 1,
            nonce: String::new(),
            source_app: "crm".into(),
            event_type: "e".into(),
            title: "t".into(),
            body: None,
            priority: Priority::Normal,
        })),
        ..message()
    };
    assert_eq!(shown(&told)["messageType"], "SYSTEM");
}

/// Contract R12, R60.
#[test]
fn r60_a_deleted_message_is_empty_and_a_link_stands_in_a_field_of_its_own() {
    let deleted = store::Message {
        body: String::new(),
        deleted_at: Some(AT),
        ..message()
    };
    assert_eq!(
        (&shown(&deleted)["isDeleted"], &shown(&deleted)["content"]),
        (&json!(true), &json!(""))
    );
    let edited = store::Message {
        edited_at: Some(AT.plus(1000)),
        ..message()
    };
    assert_eq!(
        (&shown(&edited)["isEdited"], &shown(&edited)["editedAt"]),
        (&json!(true), &json!("2026-01-31T12:00:01.123Z"))
    );
    let link = store::Message {
        body: "See\nhttps://example.org/a.pdf".into(),
        url: Some("https://example.org/a.pdf".into()),
        file_name: Some("a.pdf".into()),
        size: Some(524_288),
        ..message()
    };
    let seen = shown(&link);
    assert_eq!(seen["content"], "See");
    assert_eq!(seen["attachmentUrl"], "https://example.org/a.pdf");
    assert_eq!(seen["attachmentName"], "a.pdf");
    assert_eq!(seen["attachmentSize"], 524_288);
    let file = store::Message {
        url: Some("mxc://hub.local/aBc".into()),
        ..message()
    };
    assert_eq!(shown(&file)["attachmentUrl"], "/api/v1/media/hub.local/aBc");
}

fn person(id: &str, name: &str, hub_role: Option<&str>) -> Person {
    let mut person = store::Store::stranger(id.into(), "@x:hub.local", "1".into(), Source::Hub, AT);
    person.display_name = name.into();
    person.hub_role = hub_role.map(Into::into);
    person.role = Role::User;
    person
}

fn member(id: &str, name: &str, power: i64) -> RoomMember {
    RoomMember {
        person_id: id.into(),
        user_id: format!("@{id}:hub.local"),
        display_name: name.into(),
        tenant: "1".into(),
        avatar_url: None,
        given_name: None,
        family_name: None,
        role: Role::User,
        hub_role: Some("Therapist".into()),
        last_seen_at: AT,
        membership: Membership::Join,
        since: AT.plus(5),
        power,
    }
}

fn view(kind: RoomKind, name: Option<&str>, last: Option<store::Message>) -> RoomView {
    let room = store::Room {
        room_id: "!abc:hub.local".into(),
        kind,
        audience: Audience::Members,
        tenant: "1".into(),
        name: name.map(Into::into),
        topic: None,
        room_key: None,
        entity_type: None,
        entity_key: None,
        created_by: "user_123".into(),
        created_at: AT,
        message_count: 3,
        last_position: 7,
        sort_position: 7,
        archived: false,
    };
    let standing = Standing {
        membership: Membership::Join,
        power: 100,
        since: AT.plus(2),
    };
    let listed = ListedRoom {
        room,
        unread: 0,
        urgent_unread: false,
        last_read: None,
        standing: Some(standing),
        last_message: last,
        partner: Some(member("user_456", "Jane Smith", 100)),
    };
    RoomView {
        seen: SeenRoom {
            listed,
            can_write: true,
            can_manage: true,
            presence: None,
        },
        members: vec![
            member("user_123", "John Doe", 100),
            member("user_456", "Jane Smith", 100),
        ],
    }
}

/// Contract C007, C008, C009, C012, C014.
#[test]
fn c007_c008_a_conversation_has_every_field_of_the_contract() {
    let me = person("user_123", "John Doe", Some("client"));
    let begun = view(RoomKind::Dm, Some("Therapy Session Discussion"), None);
    let shown = serde_json::to_value(Conversation::new(&begun, &me)).unwrap();
    let participants = shown["participants"].as_array().unwrap();
    let ids: Vec<&str> = participants
        .iter()
        .map(|participant| participant["id"].as_str().unwrap())
        .collect();
    assert!(
        ids.iter().all(|id| id.starts_with("part_") && id.len() == 21) && ids[0] != ids[1],
        "{ids:?}"
    );
    let expected = json!({
        "id": "!abc:hub.local",
        "type": "DIRECT",
        "title": "Therapy Session Discussion",
        "createdAt": "2026-01-31T12:00:00.123Z",
        "updatedAt": "2026-01-31T12:00:00.123Z",
        "lastMessageAt": null,
        "isActive": true,
        "participants": [
            {
                "id": ids[0], "userId": "user_123", "role": "ADMIN",
                "joinedAt": "2026-01-31T12:00:00.125Z", "isActive": true,
                "user": {
                    "id": "user_123", "firstName": "John", "lastName": "Doe", "avatarUrl": null, "role": "client",
                },
            },
            {
                "id": ids[1], "userId": "user_456", "role": "MEMBER",
                "joinedAt": "2026-01-31T12:00:00.128Z", "isActive": true,
                "user": {
                    "id": "user_456", "firstName": "Jane", "lastName": "Smith", "avatarUrl": null,
                    "role": "therapist",
                },
            },
        ],
        "messages": [],
        "_count": {"messages": 3},
    });
    assert_eq!(shown, expected);

    let later = store::Message {
        sent_at: AT.plus(60_000),
        ..message()
    };
    let used = view(RoomKind::Dm, None, Some(later));
    let shown = serde_json::to_value(Conversation::new(&used, &me)).unwrap();
    assert_eq!(shown["title"], Value::Null);
    assert_eq!(shown["lastMessageAt"], "2026-01-31T12:01:00.123Z");
    assert_eq!(shown["updatedAt"], shown["lastMessageAt"]);
    assert_eq!(
        shown["messages"],
        json!([{
            "id": "$evt", "content": "Hello", "createdAt": "2026-01-31T12:01:00.123Z",
            "sender": {
                "id": "user_456", "firstName": "Jane", "lastName": "Smith",
                "avatarUrl": "https://img.example.org/jane.png",
            },
            "messageType": "TEXT",
        }])
    );
}

/// Contract R15, R59.
#[test]
fn r15_roles_follow_power_levels_and_kinds_are_words() {
    let me = person("user_123", "John Doe", None);
    let mut group = view(RoomKind::Group, Some("Alpha"), None);
    for (power, role) in [(100, "ADMIN"), (50, "ADMIN"), (49, "MEMBER"), (0, "MEMBER")] {
        group.members[1].power = power;
        let shown = serde_json::to_value(Conversation::new(&group, &me)).unwrap();
        assert_eq!(shown["participants"][1]["role"], role, "{power}");
        // Who told no role has the one that they count as.
        assert_eq!(shown["participants"][0]["user"]["role"], "user");
    }
    for (kind, word) in [
        (RoomKind::Dm, "DIRECT"),
        (RoomKind::Group, "GROUP"),
        (RoomKind::General, "GROUP"),
        (RoomKind::Entity, "GROUP"),
        (RoomKind::Support, "SUPPORT"),
        (RoomKind::Therapy, "THERAPY"),
    ] {
        let view = view(kind, Some("x"), None);
        let shown = serde_json::to_value(Conversation::new(&view, &me)).unwrap();
        assert_eq!(shown["type"], word);
    }
}

fn draft(body: Value) -> Result<Draft> {
    let new: NewMessage = serde_json::from_value(body).unwrap();
    new.draft("!abc:hub.local".into())
}

/// Contract C018, C019, C020.
#[test]
fn c019_content_alone_is_a_message() {
    let plain = draft(json!({"content": "Hello"})).unwrap();
    assert_eq!(
        (plain.body.as_str(), plain.msg_type.as_str()),
        ("Hello", "m.text")
    );
    assert!(plain.attachment.is_none() && plain.reply_to.is_none());
    let system = draft(json!({"content": "x", "messageType": "SYSTEM"})).unwrap();
    assert_eq!(system.msg_type, "m.notice");
}

#[test]
fn c020_the_type_of_a_foreign_address_is_kept_as_a_type_of_content() {
    let mime = |kind: &str, url: &str, name: Option<&str>| {
        let body = json!({"content": "x", "messageType": kind, "attachmentUrl": url, "attachmentName": name});
        draft(body).unwrap().attachment.unwrap().mime_type
    };
    for (kind, url, name, expected) in [
        ("TEXT", "https://a.example/x.pdf", None, None),
        ("IMAGE", "https://a.example/x.png?size=1", None, Some("image/png")),
        ("IMAGE", "https://a.example/x", Some("y.jpg"), Some("image/jpeg")),
        ("IMAGE", "https://a.example/x.pdf", None, Some("image/*")),
        ("AUDIO", "https://a.example/x", None, Some("audio/*")),
        ("VIDEO", "https://a.example/x.mp4", None, Some("video/mp4")),
        (
            "FILE",
            "https://a.example/x",
            Some("a.pdf"),
            Some("application/pdf"),
        ),
        (
            "FILE",
            "https://a.example/x.png",
            None,
            Some("application/octet-stream"),
        ),
    ] {
        let kept = mime(kind, url, name);
        assert_eq!(kept.as_deref(), expected, "{kind} {url}");
        let stored = store::Message {
            url: Some(url.into()),
            mime_type: kept,
            ..message()
        };
        assert_eq!(shown(&stored)["messageType"], kind);
    }
}

#[test]
fn c064_c065_wrong_drafts_name_the_field() {
    for (body, expected) in [
        (json!({}), "content"),
        (json!({"messageType": "TEXT"}), "content"),
        (json!({"content": "x", "replyToId": "msg_789"}), "replyToId"),
        (json!({"content": "x", "messageType": "IMAGE"}), "attachmentUrl"),
        (json!({"content": "x", "messageType": "FILE"}), "attachmentUrl"),
        (
            json!({"content": "x", "messageType": "SYSTEM", "attachmentUrl": "https://a.example/"}),
            "attachmentUrl",
        ),
        (
            json!({"content": "x", "attachmentName": "a.pdf"}),
            "attachmentUrl",
        ),
        (json!({"content": "x", "attachmentSize": 5}), "attachmentUrl"),
    ] {
        match draft(body.clone()) {
            Err(Error::Invalid { field, .. }) => assert_eq!(field, expected, "{body}"),
            other => panic!("{body}: {other:?}"),
        }
    }
}

//! Uploads and downloads: contract A078, A080, R12, R40, R55, R61, R74.

use base64::Engine as _;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::http::Call;
use crate::support::multipart::{CONTENT_TYPE, Form};
use crate::support::stack::MAX_UPLOAD;
use crate::support::{Answer, Hub, Person, assert_fields, list, text};

/// A picture of one red pixel.
fn png() -> Vec<u8> {
    let text =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
    base64::engine::general_purpose::STANDARD
        .decode(text)
        .expect("a picture")
}

fn upload(hub: &Hub, person: &Person, form: Form) -> Call {
    let call = hub.call(Method::POST, "/api/v1/messages/upload").by(person);
    call.header("content-type", CONTENT_TYPE).body(form.finish())
}

async fn load(hub: &Hub, person: &Person, url: &str) -> Answer {
    hub.get(url).by(person).send().await
}

#[tokio::test]
async fn a078_r46_an_uploaded_file_is_a_message_with_its_caption() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    let mut stream = hub.stream(&max).await;
    let content = b"Measured: 42\n".repeat(1000);
    let form = Form::default()
        .text("room_id", &room)
        .text("body", "The report")
        .file("Prüfbericht (1).txt", "text/plain", &content);
    let sent = upload(&hub, &anna, form).expect(201).await;
    assert_fields(
        &sent,
        &[
            "event_id",
            "room_id",
            "sender",
            "sender_display_name",
            "body",
            "msg_type",
            "timestamp",
            "url",
        ],
    );
    assert_eq!(sent["body"], "The report");
    assert_eq!(sent["msg_type"], "m.file");
    assert_eq!(sent["filename"], "Prüfbericht (1).txt");
    assert_eq!(sent["size"], content.len());
    assert_eq!(sent["sender"], anna.matrix_id());

    let event = stream
        .wait_for(|event| event["event_id"] == sent["event_id"])
        .await;
    assert_eq!(
        (event["type"].as_str(), event["msg_type"].as_str()),
        (Some("new_message"), Some("m.file"))
    );
    let event = hub
        .matrix()
        .device(&max.id)
        .await
        .event(&room, &text(&sent, "event_id"))
        .await;
    assert_eq!(event["content"]["msgtype"], "m.file");
    assert!(
        text(&event["content"], "url").starts_with("mxc://hub.local/"),
        "{event}"
    );
    assert_eq!(event["content"]["body"], "The report");
    assert_eq!(event["content"]["filename"], "Prüfbericht (1).txt");
    assert_eq!(event["content"]["info"]["size"], content.len());

    let shown = &hub.history(&max, &room).await[0];
    for field in ["url", "filename", "size", "body", "msg_type"] {
        assert_eq!(shown[field], sent[field], "{field}");
    }
    let url = text(shown, "url");
    assert!(url.starts_with("/api/v1/media/"), "{url}");
    let answer = load(&hub, &max, &url).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.bytes, content);
}

#[tokio::test]
async fn a078_the_kind_of_message_follows_the_kind_of_file() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let room = hub.group(&anna, &[]).await;
    for (name, kind, msg_type) in [
        ("red.png", "image/png", "m.image"),
        ("beep.ogg", "audio/ogg", "m.audio"),
        ("clip.mp4", "video/mp4", "m.video"),
        ("plan.pdf", "application/pdf", "m.file"),
        ("page.html", "text/html", "m.file"),
        ("thing", "application/octet-stream", "m.file"),
    ] {
        // without a caption the name is the text
        let form = Form::default().text("room_id", &room).file(name, kind, &png());
        let sent = upload(&hub, &anna, form).expect(201).await;
        assert_eq!(
            (sent["msg_type"].as_str(), sent["body"].as_str()),
            (Some(msg_type), Some(name))
        );
    }
}

#[tokio::test]
async fn a078_the_order_of_the_fields_does_not_matter() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let room = hub.group(&anna, &[]).await;
    let form = Form::default()
        .file("red.png", "image/png", &png())
        .text("body", "After")
        .text("room_id", &room);
    let sent = upload(&hub, &anna, form).expect(201).await;
    assert_eq!(
        (sent["body"].as_str(), sent["msg_type"].as_str()),
        (Some("After"), Some("m.image"))
    );
    let answer = load(&hub, &anna, &text(&sent, "url")).await;
    assert_eq!(answer.bytes, png());
}

#[tokio::test]
async fn a078_a_small_picture_of_a_picture() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let room = hub.group(&anna, &[]).await;
    let form = Form::default()
        .text("room_id", &room)
        .file("red.png", "image/png", &png());
    let sent = upload(&hub, &anna, form).expect(201).await;
    let url = format!("{}/thumbnail?width=32&height=32", text(&sent, "url"));
    let answer = load(&hub, &anna, &url).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(
        answer
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("image/")),
        "{answer:?}"
    );
    hub.get(&url).refused(401).await;
    for wrong in [
        "?width=0&height=32",
        "?width=-1&height=1",
        "?width=a&height=b",
        "?width=999999999&height=999999999",
    ] {
        let answer = load(&hub, &anna, &format!("{}/thumbnail{wrong}", text(&sent, "url"))).await;
        assert!([200, 422].contains(&answer.status), "{wrong}: {answer:?}");
    }
}

#[tokio::test]
async fn a080_r55_r74_who_may_load_media() {
    let hub = Hub::shared().await;
    let (anna, max, eva) = (
        hub.person("anna").await,
        hub.person("max").await,
        hub.person("eva").await,
    );
    let otto = hub.neighbour().person("otto").await;
    let room = hub.group(&anna, &[&max]).await;
    let form = Form::default()
        .text("room_id", &room)
        .file("red.png", "image/png", &png());
    let sent = upload(&hub, &anna, form).expect(201).await;
    let url = text(&sent, "url");
    hub.get(&url).refused(401).await;
    for stranger in [&eva, &otto] {
        hub.get(&url).by(stranger).refused(404).await;
        hub.get(&format!("{url}/thumbnail?width=1&height=1"))
            .by(stranger)
            .refused(404)
            .await;
    }
    // who comes in later may, and who goes may not any more
    let members = format!("/api/v1/rooms/{room}/members");
    hub.post(&members, &json!({"hub_user_id": eva.id}))
        .by(&anna)
        .expect(201)
        .await;
    assert_eq!(load(&hub, &eva, &url).await.status, 200);
    hub.delete(&format!("{members}/{}", eva.id))
        .by(&anna)
        .expect(204)
        .await;
    hub.get(&url).by(&eva).refused(404).await;
    // its uploader may, even out of the room
    hub.post(&format!("/api/v1/rooms/{room}/leave"), &json!({}))
        .by(&anna)
        .expect(204)
        .await;
    assert_eq!(load(&hub, &anna, &url).await.status, 200);
    for wrong in [
        "/api/v1/media/hub.local/nothing",
        "/api/v1/media/else.where/abc",
        "/api/v1/media/hub.local/..%2f",
    ] {
        hub.get(wrong).by(&anna).refused(404).await;
    }
}

#[tokio::test]
async fn r12_a_download_never_runs_in_the_browser() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let room = hub.group(&anna, &[]).await;
    for (name, kind) in [
        ("page.html", "text/html"),
        ("draw.svg", "image/svg+xml"),
        ("run.js", "text/javascript"),
    ] {
        let form = Form::default()
            .text("room_id", &room)
            .file(name, kind, b"<script>alert(1)</script>");
        let sent = upload(&hub, &anna, form).expect(201).await;
        let answer = load(&hub, &anna, &text(&sent, "url")).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        let attached = answer
            .header("content-disposition")
            .is_some_and(|value| value.starts_with("attachment"));
        let boxed = answer
            .header("content-security-policy")
            .is_some_and(|value| value.contains("sandbox"));
        assert!(attached && boxed, "{name}: {:?}", answer.headers);
    }
    // a name is no header line of its own
    let form =
        Form::default()
            .text("room_id", &room)
            .file("a%0d%0aSet-Cookie: x=y\t\".txt", "text/plain", b"x");
    let answer = upload(&hub, &anna, form).send().await;
    assert!(answer.status < 500, "{answer:?}");
    if answer.status == 201 {
        let answer = load(&hub, &anna, &text(&answer.json(), "url")).await;
        assert!(answer.headers.get("set-cookie").is_none(), "{answer:?}");
    }
}

#[tokio::test]
async fn r12_the_limit_of_an_upload() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let room = hub.group(&anna, &[]).await;
    let form = |size: usize| {
        let content = vec![b'x'; size];
        Form::default()
            .text("room_id", &room)
            .file("big.bin", "application/octet-stream", &content)
    };
    let sent = upload(&hub, &anna, form(MAX_UPLOAD)).expect(201).await;
    assert_eq!(
        load(&hub, &anna, &text(&sent, "url")).await.bytes.len(),
        MAX_UPLOAD
    );
    let answer = upload(&hub, &anna, form(MAX_UPLOAD + 1)).send().await;
    assert_eq!(answer.status, 413, "{answer:?}");
    answer.error();
    assert_eq!(
        hub.history(&anna, &room).await.len(),
        1,
        "a refused upload was posted"
    );
}

#[tokio::test]
async fn a078_wrong_uploads() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[]).await;
    let good = || {
        Form::default()
            .text("room_id", &room)
            .file("red.png", "image/png", &png())
    };
    upload(&hub, &anna, Form::default().text("room_id", &room))
        .refused(422)
        .await;
    upload(&hub, &anna, Form::default().file("red.png", "image/png", &png()))
        .refused(422)
        .await;
    upload(&hub, &anna, Form::default()).refused(422).await;
    upload(&hub, &max, good()).refused(404).await;
    upload(&hub, &anna, good().text("body", &"x".repeat(16_001)))
        .refused(422)
        .await;
    hub.call(Method::POST, "/api/v1/messages/upload")
        .header("content-type", CONTENT_TYPE)
        .body(good().finish())
        .refused(401)
        .await;
    let cut = {
        let mut bytes = good().finish();
        bytes.truncate(bytes.len() - 30);
        bytes
    };
    for (kind, body) in [
        (CONTENT_TYPE, cut),
        (CONTENT_TYPE, b"nonsense".to_vec()),
        (CONTENT_TYPE, Vec::new()),
        ("multipart/form-data", good().finish()),
        ("application/json", b"{}".to_vec()),
    ] {
        let call = hub.call(Method::POST, "/api/v1/messages/upload").by(&anna);
        let answer = call.header("content-type", kind).body(body).send().await;
        assert!([400, 415, 422].contains(&answer.status), "{kind}: {answer:?}");
        answer.error();
    }
    assert!(
        hub.history(&anna, &room).await.is_empty(),
        "a refused upload was posted"
    );
}

#[tokio::test]
async fn r12_r61_a_file_without_a_message() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let call = hub
        .call(Method::POST, "/api/v1/uploads")
        .by(&anna)
        .header("content-type", CONTENT_TYPE);
    let stored = call
        .body(Form::default().file("red.png", "image/png", &png()).finish())
        .expect(201)
        .await;
    assert_eq!(
        (stored["name"].as_str(), stored["type"].as_str()),
        (Some("red.png"), Some("image/png"))
    );
    assert_eq!(stored["size"], png().len());
    let url = text(&stored, "url");
    let path = url.strip_prefix(&hub.url).unwrap_or(&url);
    assert_eq!(load(&hub, &anna, path).await.bytes, png());
    hub.get(path).by(&max).refused(404).await;
    hub.get(path).refused(401).await;
    let call = hub
        .call(Method::POST, "/api/v1/uploads")
        .by(&anna)
        .header("content-type", CONTENT_TYPE);
    call.body(Form::default().text("name", "no file").finish())
        .refused(422)
        .await;
}

#[tokio::test]
async fn r12_a_picture_posted_in_element_can_be_loaded_here() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[&max]).await;
    // the bytes come from an upload of Max's, the message from his Element
    let call = hub
        .call(Method::POST, "/api/v1/uploads")
        .by(&max)
        .header("content-type", CONTENT_TYPE);
    let stored = call
        .body(Form::default().file("red.png", "image/png", &png()).finish())
        .expect(201)
        .await;
    let media = text(&stored, "url").rsplit('/').next().expect("an id").to_owned();
    let mut stream = hub.stream(&anna).await;
    let content = json!({
        "msgtype": "m.image", "body": "red.png", "url": format!("mxc://hub.local/{media}"),
        "info": {"mimetype": "image/png", "size": png().len()},
    });
    hub.matrix()
        .device(&max.id)
        .await
        .send(&room, "m.room.message", &content)
        .await;
    stream.message("red.png").await;
    let shown = hub.history(&anna, &room).await;
    assert_eq!(list(&Value::Array(shown.clone())).len(), 1);
    assert_eq!(load(&hub, &anna, &text(&shown[0], "url")).await.bytes, png());
}

#[tokio::test]
async fn r12_a_page_loads_by_cookie_or_signed_link() {
    let hub = Hub::shared().await;
    let (anna, max) = (hub.person("anna").await, hub.person("max").await);
    let room = hub.group(&anna, &[]).await;
    let form = Form::default()
        .text("room_id", &room)
        .file("red.png", "image/png", &png());
    let url = text(&upload(&hub, &anna, form).expect(201).await, "url");
    let by_cookie = |person: &Person| {
        hub.get(&url)
            .header("cookie", &format!("a=b; hub_token={}", person.token))
    };
    assert_eq!(by_cookie(&anna).send().await.bytes, png());
    by_cookie(&max).refused(404).await;
    // a cookie is no sign-in anywhere else
    let cookie = format!("hub_token={}", anna.token);
    hub.get("/api/v1/users/me")
        .header("cookie", &cookie)
        .refused(401)
        .await;

    let path = format!("{url}/link");
    hub.post(&path, &json!({})).by(&max).refused(404).await;
    let answer = hub.post(&path, &json!({})).by(&anna).send().await;
    assert!([200, 201].contains(&answer.status), "{answer:?}");
    let link = text(&answer.json(), "url");
    assert_eq!(hub.get(&link).send().await.bytes, png());
    // it is for this file and this time only
    for wrong in [
        format!("{link}x"),
        link.replace("exp=", "exp=9"),
        link.replace(url.rsplit('/').next().expect("an id"), "another"),
    ] {
        let answer = hub.get(&wrong).send().await;
        assert!([401, 403, 404].contains(&answer.status), "{wrong}: {answer:?}");
    }
}

#[tokio::test]
async fn r63_a_file_that_is_posted_again_is_posted_once() {
    let hub = Hub::shared().await;
    let anna = hub.person("anna").await;
    let room = hub.group(&anna, &[]).await;
    let form = || {
        Form::default()
            .text("room_id", &room)
            .text("client_id", "file-1")
            .file("red.png", "image/png", &png())
    };
    let first = upload(&hub, &anna, form()).expect(201).await;
    assert_eq!(first["client_id"], "file-1");
    let again = upload(&hub, &anna, form()).expect(200).await;
    assert_eq!(again["event_id"], first["event_id"]);
    assert_eq!(again["url"], first["url"]);
    let last = Form::default()
        .file("red.png", "image/png", &png())
        .text("room_id", &room)
        .text("client_id", "file-1");
    let again = upload(&hub, &anna, last).expect(200).await;
    assert_eq!(again["event_id"], first["event_id"]);
    assert_eq!(hub.history(&anna, &room).await.len(), 1);
}

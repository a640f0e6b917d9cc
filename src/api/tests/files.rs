//! Files at the door: contract A078, A080, R12, R16, R61, R74.

use serde_json::json;

use super::*;

const PNG: Option<(&str, &str)> = Some(("plan.png", "image/png"));

async fn post_form(house: &House, path: &str, token: &str, parts: &[Part<'_>]) -> Answered {
    let (content_type, body) = form(parts);
    let request = Request::post(path)
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", content_type)
        .body(Body::from(body))
        .unwrap();
    house.send(request).await
}

async fn messages(house: &House, token: &str, room: &str) -> usize {
    let history = house
        .get(&format!("/api/v1/messages/history/{room}"), token)
        .await;
    history.json().as_array().unwrap().len()
}

#[tokio::test]
async fn a078_a_file_is_posted_whatever_the_order_of_the_parts() {
    let house = House::new().await;
    let anna = house.user("anna");
    let room = house.group(&anna, &[]).await;
    let (id, file) = (
        ("room_id", None, room.as_bytes()),
        ("file", PNG, &b"not really a picture"[..]),
    );
    let caption = ("body", None, &b"Der Plan"[..]);
    for parts in [vec![id, file, caption], vec![caption, file, id], vec![id, file]] {
        let with_caption = parts.len() == 3;
        let posted = post_form(&house, "/api/v1/messages/upload", &anna, &parts).await;
        assert_eq!(posted.status, StatusCode::CREATED, "{posted:?}");
        let message = posted.json();
        assert_eq!(
            message["body"],
            if with_caption { "Der Plan" } else { "plan.png" }
        );
        assert_eq!(
            (&message["msg_type"], &message["filename"]),
            (&json!("m.image"), &json!("plan.png"))
        );
        assert_eq!(
            (&message["size"], &message["mime_type"]),
            (&json!(20), &json!("image/png"))
        );
        let loaded = house.get(message["url"].as_str().unwrap(), &anna).await;
        assert_eq!(
            (loaded.status, &loaded.bytes[..]),
            (StatusCode::OK, &b"not really a picture"[..])
        );
        assert_eq!(
            loaded.header("content-disposition"),
            Some("inline; filename*=UTF-8''plan%2Epng")
        );
    }
    assert_eq!(messages(&house, &anna, &room).await, 3);
}

#[tokio::test]
async fn a078_a080_what_is_not_allowed_is_never_posted() {
    let house = House::with(&[("RATE_LIMIT_PER_MINUTE", "0"), ("MAX_UPLOAD_BYTES", "1000")]).await;
    let (anna, max, vera) = (
        house.user("anna"),
        house.user("max"),
        house.token("vera", "viewer", "1"),
    );
    house.arrive(&vera).await;
    let room = house.group(&anna, &["vera"]).await;
    let id = ("room_id", None, room.as_bytes());
    let file = ("file", PNG, &b"x"[..]);
    let large = ("file", PNG, &[0; 1001][..]);
    let long = "x".repeat(16_001);
    let long = ("body", None, long.as_bytes());
    let upload = "/api/v1/messages/upload";
    for (token, parts, status) in [
        (&max, vec![id, file], 404),
        (&max, vec![file, id], 404),
        (&vera, vec![id, file], 403),
        (&anna, vec![id], 422),
        (&anna, vec![file], 422),
        (&anna, vec![id, file, file], 422),
        (&anna, vec![id, file, long], 422),
        (&anna, vec![id, large], 413),
        (&anna, vec![large, id], 413),
        (&anna, vec![("room_id", None, &b"nonsense"[..]), file], 404),
        (&anna, vec![("room_id", None, &b"\xff"[..]), file], 422),
    ] {
        let answer = post_form(&house, upload, token, &parts).await;
        assert_eq!(answer.status.as_u16(), status, "{parts:?}: {answer:?}");
        assert!(answer.json()["error"].is_string());
    }
    for (content_type, body) in [
        ("application/json", "{}".to_owned()),
        ("multipart/form-data", String::new()),
        (
            "multipart/form-data; boundary=x",
            "--x\r\nContent-Disposition: form-data; name=\"room_id\"\r\n\r\n!r".into(),
        ),
    ] {
        let request = Request::post(upload)
            .header("authorization", format!("Bearer {anna}"))
            .header("content-type", content_type)
            .body(Body::from(body))
            .unwrap();
        let answer = house.send(request).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{content_type}: {answer:?}"
        );
    }
    assert_eq!(messages(&house, &anna, &room).await, 0);
    let just = ("file", PNG, &[0; 1000][..]);
    assert_eq!(
        post_form(&house, upload, &anna, &[id, just]).await.status,
        StatusCode::CREATED
    );
}

#[tokio::test]
async fn r12_r61_an_upload_alone_is_the_uploaders() {
    let house = House::new().await;
    let (anna, max) = (house.user("anna"), house.user("max"));
    let file = (
        "file",
        Some(("seite.html", "text/html")),
        &b"<script>alert(1)</script>"[..],
    );
    let uploaded = post_form(&house, "/api/v1/uploads", &anna, &[file]).await;
    assert_eq!(uploaded.status, StatusCode::CREATED, "{uploaded:?}");
    let shown = uploaded.json();
    assert_eq!(
        (&shown["name"], &shown["type"], &shown["size"]),
        (&json!("seite.html"), &json!("text/html"), &json!(25))
    );
    let url = shown["url"].as_str().unwrap();
    assert!(url.starts_with("/api/v1/media/hub.local/"), "{url}");

    let loaded = house.get(url, &anna).await;
    assert_eq!((loaded.status, loaded.bytes.len()), (StatusCode::OK, 25));
    assert!(
        loaded
            .header("content-disposition")
            .unwrap()
            .starts_with("attachment")
    );
    assert_eq!(loaded.header("x-content-type-options"), Some("nosniff"));
    assert!(
        loaded
            .header("content-security-policy")
            .unwrap()
            .contains("sandbox")
    );
    assert!(loaded.header("cache-control").unwrap().starts_with("private"));
    assert_eq!(
        house.get(url, &max).await.status,
        StatusCode::NOT_FOUND,
        "contract R74"
    );

    let plain = |uri: &str, cookie: Option<&str>| {
        let request = Request::get(uri);
        let request = match cookie {
            Some(token) => request.header("cookie", format!("theme=dark; hub_token={token}")),
            None => request,
        };
        request.body(Body::empty()).unwrap()
    };
    assert_eq!(house.send(plain(url, Some(&anna))).await.status, StatusCode::OK);
    assert_eq!(
        house.send(plain(url, Some(&max))).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        house.send(plain(url, None)).await.status,
        StatusCode::UNAUTHORIZED
    );

    assert_eq!(
        house
            .call("POST", &format!("{url}/link"), &max, None)
            .await
            .status,
        StatusCode::NOT_FOUND
    );
    let link = house.call("POST", &format!("{url}/link"), &anna, None).await;
    assert_eq!(link.status, StatusCode::CREATED, "{link:?}");
    let link = link.json()["url"].as_str().unwrap().to_owned();
    assert_eq!(house.send(plain(&link, None)).await.status, StatusCode::OK);
    assert_eq!(
        house.send(plain(&format!("{link}x"), None)).await.status,
        StatusCode::UNAUTHORIZED
    );
    let later = link.replace("exp=", "exp=9");
    assert_eq!(
        house.send(plain(&later, None)).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn thumbnails_have_sane_sizes() {
    let house = House::new().await;
    let anna = house.user("anna");
    let uploaded = post_form(&house, "/api/v1/uploads", &anna, &[("file", PNG, b"x")])
        .await
        .json();
    let url = uploaded["url"].as_str().unwrap();
    assert_eq!(
        house
            .get(&format!("{url}/thumbnail?width=96&height=96"), &anna)
            .await
            .status,
        StatusCode::OK
    );
    for wrong in ["width=0", "height=-1", "width=x", "width=100000"] {
        let answer = house.get(&format!("{url}/thumbnail?{wrong}"), &anna).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
}

#[tokio::test]
async fn a_file_that_is_posted_again_is_posted_once() {
    let house = House::new().await;
    let anna = house.user("anna");
    let room = house.group(&anna, &[]).await;
    let (id, name, file) = (
        ("room_id", None, room.as_bytes()),
        ("client_id", None, &b"one"[..]),
        ("file", PNG, &b"not really a picture"[..]),
    );
    let first = post_form(&house, "/api/v1/messages/upload", &anna, &[id, name, file]).await;
    assert_eq!(first.status, StatusCode::CREATED, "{first:?}");
    for parts in [[id, name, file], [file, name, id], [name, file, id]] {
        let again = post_form(&house, "/api/v1/messages/upload", &anna, &parts).await;
        assert_eq!(again.status, StatusCode::OK, "{again:?}");
        assert_eq!(again.json(), first.json());
    }
    let odd = ("client_id", None, &b"o n e"[..]);
    let refused = post_form(&house, "/api/v1/messages/upload", &anna, &[id, odd, file]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(messages(&house, &anna, &room).await, 1);
}

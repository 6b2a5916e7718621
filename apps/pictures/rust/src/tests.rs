//! Calls the functions natively.

use super::*;
use crate::answers::{latest_report, list, picture, upload};
use crate::resize::resize;
use bluecrab::Request;
use bluecrab::testing::call;
use serde_json::{Value, json};

fn png(width: u32, height: u32) -> Vec<u8> {
    let pixel = |x: u32, y: u32| image::Rgb([(x % 256) as u8, (y % 256) as u8, 128]);
    picture::png(&image::RgbImage::from_fn(width, height, pixel).into()).unwrap()
}

#[test]
fn a_picture_becomes_three_sizes_and_a_row() {
    let response = call(resize, Request::message(png(2048, 1000)).with_param("name", "sea.png"));
    assert_eq!(response.status(), 204);
    for (size, expected) in [("large", (1024, 500)), ("medium", (320, 156)), ("small", (64, 31))] {
        let made = image::load_from_memory(response.output(size).unwrap().bytes()).unwrap();
        assert_eq!((made.width(), made.height()), expected, "{size}");
    }
    let row: Value = serde_json::from_str(response.output("row").unwrap().text().unwrap()).unwrap();
    assert_eq!((&row["RowKey"], &row["Width"], &row["etag"]), (&json!("sea.png"), &json!(2048), &json!("*")));
    assert_eq!(row["BlurHash"].as_str().unwrap().len(), 1 + 1 + 4 + 2 * (4 * 3 - 1));
    assert!(response.output("failure").is_none());
}

#[test]
fn a_small_picture_keeps_its_size() {
    let response = call(resize, Request::message(png(5, 3)).with_param("name", "dot.png"));
    let made = image::load_from_memory(response.output("large").unwrap().bytes()).unwrap();
    assert_eq!((made.width(), made.height()), (5, 3));
}

#[test]
fn a_file_that_is_not_a_picture_becomes_a_message_and_then_a_row() {
    let response = call(resize, Request::message("text").with_param("name", "a/b.png"));
    assert_eq!((response.status(), response.output("large").is_none()), (204, true));
    let failure = response.output("failure").unwrap().text().unwrap().to_owned();
    assert!(failure.contains("expected a JPEG or PNG"), "{failure}");
    let response = call(note_failure, Request::message(failure));
    let row: Row = serde_json::from_str(response.output("row").unwrap().text().unwrap()).unwrap();
    assert_eq!((row.partition_key.as_str(), row.row_key.as_str(), row.name.as_str()), (FAILED, "a|b.png", "a/b.png"));
}

#[test]
fn the_report_and_the_list_read_the_table() {
    let rows = json!([
        { "PartitionKey": "done", "RowKey": "a.png", "Name": "a.png", "Width": 4, "Height": 3, "BlurHash": "L" },
        { "PartitionKey": "failed", "RowKey": "b.png", "Name": "b.png", "Reason": "no picture" },
    ]);
    let timer = json!({ "schedule": {}, "scheduleStatus": null, "isPastDue": false }).to_string();
    let response = call(report, Request::message(timer).with_input("rows", rows.to_string()));
    let written: Value = serde_json::from_str(response.text().unwrap()).unwrap();
    assert_eq!(written, json!({ "pictures": 1, "failed": 1, "pixels": 12 }));

    let response = call(list, Request::get("/api/pictures").with_input("rows", rows.to_string()));
    let listed: Value = response.read_json().unwrap();
    assert_eq!(listed[0], json!({ "name": "a.png", "width": 4, "height": 3, "blurHash": "L" }));
    assert_eq!(listed[1], json!({ "name": "b.png", "reason": "no picture" }));
    let response = call(list, Request::get("/api/pictures"));
    assert_eq!(response.text().unwrap(), "[]");
}

#[test]
fn clients_store_and_read_pictures() {
    let response = call(upload, Request::put("/api/pictures/a.png").with_body("PNG"));
    assert_eq!((response.status(), response.output("picture").unwrap().bytes()), (202, &b"PNG"[..]));
    let request = Request::get("/api/pictures/a.png/small");
    assert_eq!(call(picture, request.clone()).status(), 404);
    assert_eq!(call(picture, request.with_input("picture", "PNG")).text().unwrap(), "PNG");
    assert_eq!(call(latest_report, Request::get("/api/report")).status(), 404);
    assert_eq!(call(latest_report, Request::get("/api/report").with_input("report", "{}")).text().unwrap(), "{}");
}

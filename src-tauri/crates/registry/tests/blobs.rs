//! Blobs: resumed after a cut, and never longer, shorter or other than listed.

#![allow(clippy::unwrap_used)]

mod support;

use plimsoll_registry::{Registry, RegistryError, Who};
use support::{Reply, Seen, Server, Step, chunked, network, reply, reply_of, sentence, sha256};
use tokio_util::sync::CancellationToken;

fn content() -> Vec<u8> {
    (0..100_000_u32).flat_map(u32::to_le_bytes).collect()
}

async fn fetch(server: &Server, digest: &str, size: usize) -> Result<Vec<u8>, RegistryError> {
    let registry = Registry::open(&network(&[&server.host]), &server.host, Who::Auditor)?;
    let cancel = CancellationToken::new();
    let mut stream = registry.blob("a/b", digest, size as u64, true)?;
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.next(&cancel).await? {
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

async fn of(answer: impl Fn(&Seen, &[u8]) -> Reply + Send + Sync + 'static) -> Server {
    let content = content();
    Server::plain(move |seen| answer(seen, &content)).await
}

fn from(seen: &Seen) -> usize {
    let range = seen.header("range").and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
    range.unwrap_or(0)
}

fn part(content: &[u8], first: usize) -> Reply {
    let range = format!("bytes {first}-{}/{}", content.len() - 1, content.len());
    reply(206, &[("content-range", &range)], &content[first..])
}

/// Announces all that is left, and sends half of it.
fn half(content: &[u8], first: usize) -> Reply {
    let left = &content[first..];
    let range = format!("bytes {first}-{}/{}", content.len() - 1, content.len());
    let headers = [("content-range", range.as_str())];
    let headers = if first > 0 { &headers[..] } else { &[] };
    let status = if first > 0 { 206 } else { 200 };
    reply_of(status, headers, left.len() as u64, vec![Step::Send(left[..left.len() / 2].to_vec())])
}

#[tokio::test]
async fn a_blob_that_was_cut_is_resumed_where_it_broke() {
    let server = of(|seen, content| match seen.number {
        0 => reply(200, &[], b""),
        1..4 => half(content, from(seen)),
        _ => part(content, from(seen)),
    })
    .await;
    let content = content();
    // The first request only finds out that this is no TLS server's port.
    let warm = Registry::open(&network(&[&server.host]), &server.host, Who::Auditor).unwrap();
    warm.send(plimsoll_registry::Ask::get(""), &CancellationToken::new()).await.unwrap();
    assert_eq!(fetch(&server, &sha256(&content), content.len()).await.unwrap(), content);
    let ranges: Vec<usize> = server.requests().iter().skip(1).map(from).collect();
    assert_eq!(ranges, [0, 200_000, 300_000, 350_000]);
}

#[tokio::test]
async fn a_server_that_knows_no_ranges_is_read_again_from_the_start() {
    let server = of(|seen, content| match seen.number {
        0 => half(content, 0),
        _ => reply(200, &[], content),
    })
    .await;
    let content = content();
    assert_eq!(fetch(&server, &sha256(&content), content.len()).await.unwrap(), content);
}

#[tokio::test]
async fn a_blob_that_is_cut_again_and_again_is_given_up() {
    let server = of(|seen, content| half(content, from(seen))).await;
    let content = content();
    let told = sentence(fetch(&server, &sha256(&content), content.len()).await);
    assert!(told.contains("cut the blob") && told.contains("5 times in all"), "{told}");
    assert_eq!(server.requests().len(), 5);
    let stalls =
        of(|_, content| reply_of(200, &[], content.len() as u64, vec![Step::Send(vec![0; 10]), Step::Stall])).await;
    let told = sentence(fetch(&stalls, &sha256(&content), content.len()).await);
    assert!(told.contains("no answer within"), "{told}");
}

#[tokio::test]
async fn a_blob_longer_or_shorter_than_listed_is_refused() {
    let content = content();
    let digest = sha256(&content);
    let announced = of(|_, content| reply(200, &[], content)).await;
    for listed in [content.len() - 1, content.len() + 1] {
        let told = sentence(fetch(&announced, &digest, listed).await);
        assert!(told.contains(&format!("{} bytes instead of {listed}", content.len())), "{told}");
    }
    let silent = of(|seen, content| match from(seen) {
        0 => chunked(200, &[], content),
        _ => reply(416, &[], b""),
    })
    .await;
    for listed in [content.len() - 1, content.len() + 1] {
        let told = sentence(fetch(&silent, &digest, listed).await);
        assert!(told.contains(&format!("instead of {listed}")), "{told}");
    }
}

#[tokio::test]
async fn a_blob_of_another_content_is_refused() {
    let server = of(|_, content| {
        let mut other = content.to_vec();
        other[7] ^= 1;
        reply(200, &[], &other)
    })
    .await;
    let content = content();
    let told = sentence(fetch(&server, &sha256(&content), content.len()).await);
    assert!(told.contains("do not use this image"), "{told}");
}

#[tokio::test]
async fn a_wrong_part_is_refused() {
    let content = content();
    let elsewhere = of(|seen, content| match from(seen) {
        0 => half(content, 0),
        first => part(content, first + 1),
    })
    .await;
    assert!(sentence(fetch(&elsewhere, &sha256(&content), content.len()).await).contains("was asked for"));
    let unasked = of(|_, content| part(content, 1)).await;
    assert!(sentence(fetch(&unasked, &sha256(&content), content.len()).await).contains("the whole was asked for"));
}

#[tokio::test]
async fn a_missing_blob_is_told_as_missing_and_a_cancelled_one_ends() {
    let content = content();
    let none = of(|_, _| reply(404, &[], b"")).await;
    assert!(matches!(fetch(&none, &sha256(&content), 1).await, Err(RegistryError::NotFound { .. })));
    let stalls =
        of(|_, content| reply_of(200, &[], content.len() as u64, vec![Step::Send(vec![0; 10]), Step::Stall])).await;
    let registry = Registry::open(&network(&[&stalls.host]), &stalls.host, Who::Auditor).unwrap();
    let digest = sha256(&content);
    let mut stream = registry.blob("a/b", &digest, content.len() as u64, true).unwrap();
    let cancel = CancellationToken::new();
    assert_eq!(stream.next(&cancel).await.unwrap().unwrap().len(), 10);
    cancel.cancel();
    assert!(matches!(stream.next(&cancel).await, Err(RegistryError::Cancelled)));
}

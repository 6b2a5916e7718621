//! What the host writes to a worker's event stream, as the body of a gRPC response.
//!
//! tonic's own encoder copies each message into one buffer. A blob would be in memory twice, so here the large parts of
//! a message are passed on as they are.

use bluecrab_rpc::{Content, StreamingMessage};
use bytes::buf::UninitSlice;
use bytes::{Buf, BufMut, Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue};
use hyper::body::{Body, Frame};
use prost::Message;
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use tokio::sync::mpsc;
use tonic::Status;

/// The maximum size of a message in both directions: 2 GiB minus one byte, as on the platform.
pub const MAX_MESSAGE_BYTES: usize = i32::MAX as usize;
/// Bytes of at least this length are not copied.
const LARGE_BYTES: usize = 16 << 10;
/// How many bytes of messages that are ready at the same time are sent together.
const TOGETHER_BYTES: usize = 32 << 10;

const GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");

/// The body. It ends when the host has dropped all senders.
pub struct Outgoing {
    messages: mpsc::UnboundedReceiver<StreamingMessage>,
    /// The size of the invocations among `messages`.
    waiting_bytes: Arc<AtomicUsize>,
    encoded: Encoded,
    has_ended: bool,
}

impl Outgoing {
    pub fn new(messages: mpsc::UnboundedReceiver<StreamingMessage>, waiting_bytes: Arc<AtomicUsize>) -> Self {
        Self { messages, waiting_bytes, encoded: Encoded::default(), has_ended: false }
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = &mut *self;
        loop {
            if let Some(piece) = this.encoded.next_piece() {
                return Poll::Ready(Some(Ok(Frame::data(piece))));
            }
            if this.has_ended {
                return Poll::Ready(None);
            }
            let Some(message) = ready!(this.messages.poll_recv(context)) else {
                this.has_ended = true;
                let trailers = HeaderMap::from_iter([(GRPC_STATUS, HeaderValue::from_static("0"))]);
                return Poll::Ready(Some(Ok(Frame::trailers(trailers))));
            };
            let mut next = Some(message);
            while let Some(message) = next {
                let bytes = this.encoded.push(&message)?;
                if matches!(message.content, Some(Content::InvocationRequest(_))) {
                    this.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
                }
                // What is taken from the queue is not counted any more, so take nothing behind a large message.
                let is_small = this.encoded.pieces.is_empty() && this.encoded.copied.len() < TOGETHER_BYTES;
                next = if is_small { this.messages.try_recv().ok() } else { None };
            }
        }
    }
}

/// Encoded messages, as pieces that follow one another.
#[derive(Default)]
struct Encoded {
    pieces: VecDeque<Bytes>,
    /// Bytes that were copied, and that become the next piece.
    copied: BytesMut,
}

impl Encoded {
    /// Adds a message, with the head that gRPC puts before each: no compression, and the length. Returns the length.
    fn push(&mut self, message: &StreamingMessage) -> Result<usize, Status> {
        let length = message.encoded_len();
        let head = u32::try_from(length).ok().filter(|_| length <= MAX_MESSAGE_BYTES);
        let head = head.ok_or_else(|| Status::out_of_range(format!("a message has {length} bytes")))?;
        self.put_u8(0);
        self.put_u32(head);
        message.encode(self).map_err(|error| Status::internal(error.to_string()))?;
        Ok(length)
    }

    fn next_piece(&mut self) -> Option<Bytes> {
        let piece = self.pieces.pop_front();
        piece.or_else(|| (!self.copied.is_empty()).then(|| self.copied.split().freeze()))
    }
}

// SAFETY: All methods that pass on uninitialized memory or count it as initialized are those of `BytesMut`.
unsafe impl BufMut for Encoded {
    fn remaining_mut(&self) -> usize {
        self.copied.remaining_mut()
    }

    unsafe fn advance_mut(&mut self, count: usize) {
        // SAFETY: The caller has initialized the first `count` bytes of `chunk_mut`.
        unsafe { self.copied.advance_mut(count) }
    }

    fn chunk_mut(&mut self) -> &mut UninitSlice {
        self.copied.chunk_mut()
    }

    fn put<T: Buf>(&mut self, mut source: T) {
        if source.remaining() < LARGE_BYTES {
            return self.copied.put(source);
        }
        if !self.copied.is_empty() {
            self.pieces.push_back(self.copied.split().freeze());
        }
        // The source is `Bytes`, so this adds a reference instead of copying.
        self.pieces.push_back(source.copy_to_bytes(source.remaining()));
    }

    fn put_slice(&mut self, source: &[u8]) {
        self.copied.put_slice(source);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bluecrab_rpc::{InvocationRequest, ParameterBinding, TypedData, typed_data::Data};
    use http_body_util::BodyExt;

    fn request(id: &str, blob: &Bytes) -> StreamingMessage {
        let input = |data| ParameterBinding { name: "blob".to_owned(), data: Some(TypedData { data: Some(data) }) };
        StreamingMessage::new(Content::InvocationRequest(InvocationRequest {
            invocation_id: id.to_owned(),
            input_data: vec![input(Data::Bytes(blob.clone())), input(Data::String("x".repeat(LARGE_BYTES)))],
            ..InvocationRequest::default()
        }))
    }

    #[tokio::test]
    async fn large_parts_are_not_copied() {
        let blob = Bytes::from(vec![7; 1 << 20]);
        let small = Bytes::from_static(b"small");
        let messages = [request("1", &small), request("2", &blob), request("3", &small), request("4", &blob)];
        let (sender, receiver) = mpsc::unbounded_channel();
        messages.iter().for_each(|message| sender.send(message.clone()).unwrap());
        drop(sender);
        let waiting_bytes = Arc::new(AtomicUsize::new(messages.iter().map(Message::encoded_len).sum()));
        let mut body = Outgoing::new(receiver, Arc::clone(&waiting_bytes));
        let (mut sent, mut same, mut trailers) = (Vec::new(), 0, None);
        while let Some(frame) = body.frame().await {
            match frame.unwrap().into_data() {
                Ok(piece) => {
                    same += usize::from(piece.as_ptr() == blob.as_ptr());
                    sent.extend_from_slice(&piece);
                }
                Err(frame) => trailers = frame.into_trailers().ok(),
            }
        }
        assert_eq!((same, trailers.unwrap()["grpc-status"].as_bytes()), (2, &b"0"[..]));
        let framed = messages.iter().flat_map(|message| {
            let encoded = message.encode_to_vec();
            let length = u32::try_from(encoded.len()).unwrap().to_be_bytes();
            [&[0][..], &length, &encoded].concat()
        });
        assert!(framed.eq(sent), "the messages are those that tonic would send");
        assert_eq!(waiting_bytes.load(Ordering::Relaxed), 0);
    }
}

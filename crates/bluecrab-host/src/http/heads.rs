//! Checks the head of each request on a connection, and refuses a head that two parsers could read differently.
//!
//! The HTTP library accepts a bare LF as the end of a line, and prefers Transfer-Encoding to Content-Length, as RFC
//! 9112 allows. Behind a proxy that decides differently, this would allow request smuggling.

use std::io::{Error, ErrorKind};
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

const READ_BYTES: usize = 8 << 10;
/// Not a valid request: the HTTP library answers 400 and closes the connection.
const REFUSED: &[u8] = b"refused\r\n\r\n";

/// A connection whose request heads are checked.
pub struct CheckedHeads<S> {
    stream: S,
    limit: usize,
    /// Bytes that have been read but not passed on.
    pending: Vec<u8>,
    state: State,
    /// How long a head may take from its first byte. For the first head, the time starts with the connection. For a
    /// head that begins before the previous response has ended, it starts after that response.
    head_time: Duration,
    /// A response that is under way has a clone.
    responses: Arc<()>,
    /// Ends the connection if the next head is late. `None` while a request passes.
    timer: Option<Pin<Box<Sleep>>>,
}

#[derive(Clone, Copy)]
enum State {
    /// Inside a head. This many bytes have been checked.
    Head(usize),
    /// Inside a request. This many bytes may be passed on before the next head begins.
    Passing(u64),
    /// Nothing more is checked, because the connection ends after this request.
    Last,
}

/// The result of reading a head.
#[derive(Debug, PartialEq)]
enum Head {
    Incomplete,
    Refused,
    /// The head's length and the body's length in bytes.
    Sized(usize, u64),
    Chunked,
}

impl<S> CheckedHeads<S> {
    /// Checks heads up to `limit` bytes; the HTTP library refuses longer heads. A head that takes longer than
    /// `head_time` ends the connection.
    pub fn new(stream: S, limit: usize, head_time: Duration) -> Self {
        let timer = Some(Box::pin(sleep(head_time)));
        Self { stream, limit, pending: Vec::new(), state: State::Head(0), head_time, responses: Arc::default(), timer }
    }

    /// Returns what each response keeps an upgraded copy of until it ends.
    pub fn responses(&self) -> Weak<()> {
        Arc::downgrade(&self.responses)
    }

    /// Returns whether a head has begun for which no earlier response holds up the connection. Empty lines may follow a
    /// body.
    fn awaits_head(&self) -> bool {
        let has_begun = self.pending.iter().any(|byte| !b"\r\n".contains(byte));
        has_begun && Arc::strong_count(&self.responses) == 1
    }

    fn check(&mut self, good: usize) {
        self.state = match read_head(&self.pending, good) {
            Head::Incomplete if self.pending.len() > self.limit => State::Last,
            Head::Incomplete => State::Head(self.pending.len()),
            Head::Refused => {
                self.pending = REFUSED.to_vec();
                State::Last
            }
            Head::Sized(head, body) => State::Passing((head as u64).saturating_add(body)),
            Head::Chunked => State::Last,
        };
    }
}

impl<S: AsyncRead + Unpin> CheckedHeads<S> {
    /// Reads more of a head.
    fn poll_head(&mut self, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        let mut bytes = [0; READ_BYTES];
        let mut buffer = ReadBuf::new(&mut bytes);
        ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer))?;
        if buffer.filled().is_empty() {
            self.state = State::Last;
        }
        self.pending.extend_from_slice(buffer.filled());
        Poll::Ready(Ok(()))
    }

    /// Ends the connection if the next head takes too long.
    fn poll_timer(&mut self, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        if self.timer.is_none() && self.awaits_head() {
            self.timer = Some(Box::pin(sleep(self.head_time)));
        }
        let Some(timer) = &mut self.timer else { return Poll::Pending };
        ready!(timer.as_mut().poll(context));
        Poll::Ready(Err(Error::new(ErrorKind::TimedOut, "the head of a request did not arrive in time")))
    }

    /// Passes on up to `most` bytes, first those that are pending, and returns their number.
    fn poll_pass(
        &mut self,
        context: &mut Context<'_>,
        target: &mut ReadBuf<'_>,
        most: u64,
    ) -> Poll<std::io::Result<usize>> {
        let most = target.remaining().min(usize::try_from(most).unwrap_or(usize::MAX));
        if !self.pending.is_empty() {
            let count = most.min(self.pending.len());
            target.put_slice(&self.pending[..count]);
            self.pending.drain(..count);
            return Poll::Ready(Ok(count));
        }
        if most == target.remaining() {
            let filled = target.filled().len();
            ready!(Pin::new(&mut self.stream).poll_read(context, target))?;
            return Poll::Ready(Ok(target.filled().len() - filled));
        }
        let mut part = ReadBuf::new(target.initialize_unfilled_to(most));
        ready!(Pin::new(&mut self.stream).poll_read(context, &mut part))?;
        let count = part.filled().len();
        target.advance(count);
        Poll::Ready(Ok(count))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for CheckedHeads<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        target: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let connection = self.get_mut();
        loop {
            match connection.state {
                State::Head(good) => {
                    if connection.pending.len() == good && connection.poll_head(context)?.is_pending() {
                        return connection.poll_timer(context);
                    }
                    if let State::Head(good) = connection.state {
                        connection.check(good);
                    }
                    if !matches!(connection.state, State::Head(_)) {
                        connection.timer = None;
                    }
                }
                State::Passing(0) => connection.state = State::Head(0),
                State::Passing(left) => {
                    let count = ready!(connection.poll_pass(context, target, left))?;
                    connection.state = State::Passing(left - count as u64);
                    return Poll::Ready(Ok(()));
                }
                State::Last => return connection.poll_pass(context, target, u64::MAX).map_ok(drop),
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for CheckedHeads<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

/// Reads the head at the start of `bytes`. The first `good` bytes have been checked before.
fn read_head(bytes: &[u8], good: usize) -> Head {
    // Step back: the end of a line may lie across the boundary.
    for at in good.saturating_sub(3)..bytes.len() {
        if bytes[at] != b'\n' {
            continue;
        }
        if at == 0 || bytes[at - 1] != b'\r' {
            return Head::Refused;
        }
        if bytes[..=at].ends_with(b"\r\n\r\n") {
            return framing(&bytes[..=at]);
        }
    }
    Head::Incomplete
}

fn framing(head: &[u8]) -> Head {
    let (mut length, mut encoded) = (None, false);
    for line in head.split(|byte| *byte == b'\n') {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let (name, value) = (line[..colon].trim_ascii(), line[colon + 1..].trim_ascii());
        if name.eq_ignore_ascii_case(b"transfer-encoding") {
            if encoded || !value.eq_ignore_ascii_case(b"chunked") {
                return Head::Refused;
            }
            encoded = true;
        } else if name.eq_ignore_ascii_case(b"content-length") {
            let number = std::str::from_utf8(value).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
            let Some(number) = number.and_then(|text| text.parse::<u64>().ok()) else { return Head::Refused };
            if length.is_some_and(|known| known != number) {
                return Head::Refused;
            }
            length = Some(number);
        }
    }
    match (length, encoded) {
        (Some(_), true) => Head::Refused,
        (None, true) => Head::Chunked,
        (length, false) => Head::Sized(head.len(), length.unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    const HEAD_TIME: Duration = Duration::from_secs(60);
    const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    const POST: &str = "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n";

    #[test]
    fn reads_heads() {
        for (text, expected) in [
            ("GET / HTTP/1.1\r\nHo", Head::Incomplete),
            (GET, Head::Sized(GET.len(), 0)),
            (POST, Head::Sized(POST.len(), 5)),
            ("a\r\nContent-Length: 5\r\ncontent-length: 5\r\n\r\n", Head::Sized(43, 5)),
            ("a\r\nTransfer-Encoding: Chunked\r\n\r\n", Head::Chunked),
            ("a\nb", Head::Refused),
            ("a\r\nb\n\r\n", Head::Refused),
            ("\n", Head::Refused),
            ("a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", Head::Refused),
            ("a\r\nContent-Length: +5\r\n\r\n", Head::Refused),
            ("a\r\nContent-Length:\r\n\r\n", Head::Refused),
            ("a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", Head::Refused),
            ("a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", Head::Refused),
            ("a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", Head::Refused),
            ("a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", Head::Refused),
        ] {
            assert_eq!(read_head(text.as_bytes(), 0), expected, "{text:?}");
        }
    }

    /// The bytes arrive unchanged however they are split, and no read crosses from one request into the next.
    #[tokio::test]
    async fn passes_requests_on_one_by_one() {
        let text = format!("{GET}{POST}abcde\r\n\r\n{GET}");
        for step in 1..text.len() {
            let mut stream = in_pieces(&text, step);
            let mut connection = CheckedHeads::new(&mut stream, 1000, HEAD_TIME);
            let (mut read, mut ends) = (Vec::new(), Vec::new());
            while connection.read_buf(&mut read).await.unwrap() > 0 {
                ends.push(read.len());
            }
            assert_eq!(String::from_utf8(read).unwrap(), text);
            for end in [GET.len(), GET.len() + POST.len() + 5] {
                assert!(ends.contains(&end), "in steps of {step}: {ends:?}");
            }
        }
    }

    #[tokio::test]
    async fn nothing_is_read_after_a_refused_request() {
        let text = format!("{GET}POST / HTTP/1.1\nHost: a\r\n\r\n{GET}");
        let mut stream = in_pieces(&text, text.len());
        let mut read = String::new();
        CheckedHeads::new(&mut stream, 1000, HEAD_TIME).read_to_string(&mut read).await.unwrap();
        assert_eq!(read, format!("{GET}{}", String::from_utf8_lossy(REFUSED)));
    }

    /// The HTTP library reads on while a response is under way, to learn whether the client leaves.
    #[tokio::test(start_paused = true)]
    async fn only_a_head_that_the_connection_waits_for_can_be_late() {
        let (mut client, stream) = tokio::io::duplex(1000);
        let mut connection = CheckedHeads::new(stream, 1000, HEAD_TIME);
        let responses = connection.responses();
        let mut read = [0; 1000];
        let mut long_read = async |connection: &mut CheckedHeads<_>| {
            tokio::time::timeout(2 * HEAD_TIME, connection.read(&mut read)).await
        };
        client.write_all(GET.as_bytes()).await.unwrap();
        assert_eq!(long_read(&mut connection).await.unwrap().unwrap(), GET.len());
        let response = responses.upgrade();
        for early in ["\r\n", "GET"] {
            client.write_all(early.as_bytes()).await.unwrap();
            assert!(long_read(&mut connection).await.is_err(), "{early:?} ends the connection");
        }
        drop(response);
        let late = long_read(&mut connection).await.unwrap().unwrap_err();
        assert_eq!(late.kind(), ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn an_empty_line_begins_no_head() {
        let (mut client, stream) = tokio::io::duplex(1000);
        let mut connection = CheckedHeads::new(stream, 1000, HEAD_TIME);
        let mut read = [0; 1000];
        client.write_all(format!("{GET}\r\n").as_bytes()).await.unwrap();
        assert_eq!(connection.read(&mut read).await.unwrap(), GET.len());
        assert!(tokio::time::timeout(2 * HEAD_TIME, connection.read(&mut read)).await.is_err());
        client.write_all(GET.as_bytes()).await.unwrap();
        assert_eq!(connection.read(&mut read).await.unwrap(), GET.len() + 2);
    }

    /// A stream that returns a text in pieces of `step` bytes.
    fn in_pieces(text: &str, step: usize) -> impl AsyncRead + Unpin {
        struct Pieces(std::collections::VecDeque<Vec<u8>>);
        impl AsyncRead for Pieces {
            fn poll_read(
                mut self: Pin<&mut Self>,
                _: &mut Context<'_>,
                target: &mut ReadBuf<'_>,
            ) -> Poll<std::io::Result<()>> {
                if let Some(mut piece) = self.0.pop_front() {
                    let rest = piece.split_off(piece.len().min(target.remaining()));
                    target.put_slice(&piece);
                    if !rest.is_empty() {
                        self.0.push_front(rest);
                    }
                }
                Poll::Ready(Ok(()))
            }
        }
        Pieces(text.as_bytes().chunks(step).map(<[u8]>::to_vec).collect())
    }
}

//! A call whose answers are compared.

use super::answers::agree;
use super::client::{Answer, Call};
use crate::scenario::Answers;
use anyhow::{Context, Result};
use bytes::Bytes;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// A call with the answer that is expected; clones share the answers that wait for a command.
#[derive(Clone)]
pub struct VerifiedCall {
    call: Call,
    rule: Answers,
    /// The function's own first answer.
    pub first: Bytes,
    /// The baseline's first answer.
    pub expected: Bytes,
    pending: Arc<Mutex<Pending>>,
}

/// Answers that a command compares later, outside of the measurement.
#[derive(Default)]
struct Pending {
    answers: Vec<Bytes>,
    taken: usize,
}

/// A command compares only this many of the answers that differ from the first answer.
const COMPARED_LATER: usize = 10;

impl VerifiedCall {
    pub fn new(call: Call, rule: Answers, first: Bytes, expected: Bytes) -> Self {
        Self { call, rule, first, expected, pending: Arc::default() }
    }

    /// Returns a call to another server that expects the same answers.
    pub fn on(&self, call: Call) -> Self {
        Self { call, ..self.clone() }
    }

    /// Calls once.
    pub async fn send(&self) -> Result<Answer> {
        self.send_since(Instant::now()).await
    }

    /// Calls once. The latency counts from `start`, which may be past.
    pub async fn send_since(&self, start: Instant) -> Result<Answer> {
        let answer = self.call.send_since(start).await?;
        self.verify(&answer.body).await?;
        Ok(answer)
    }

    /// Checks an answer. If it differs from the first answer, it must agree with the baseline's.
    async fn verify(&self, body: &Bytes) -> Result<()> {
        if *body == self.first {
            return Ok(());
        }
        if let Answers::Command(_) = self.rule {
            let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
            if pending.taken < COMPARED_LATER {
                pending.taken += 1;
                pending.answers.push(body.clone());
            }
            return Ok(());
        }
        self.compare(body).await
    }

    async fn compare(&self, body: &Bytes) -> Result<()> {
        agree(&self.rule, body, &self.expected).await.context("a later answer differs from the baseline's")
    }

    /// Lets the command compare the answers that wait for it.
    pub async fn verify_pending(&self) -> Result<()> {
        let answers = std::mem::take(&mut self.pending.lock().unwrap_or_else(PoisonError::into_inner).answers);
        for answer in answers {
            self.compare(&answer).await?;
        }
        Ok(())
    }
}

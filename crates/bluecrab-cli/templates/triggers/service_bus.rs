//! The functions of {{name}}.

use bluecrab::metadata::MessageId;
use bluecrab::{Problem, service_bus};

/// Called for each message of the Service Bus queue `orders`. The return value is a message for the queue `words`.
#[service_bus(queue = "orders", connection = "Bus", output = service_bus(queue = "words", connection = "Bus"))]
fn words(MessageId(id): MessageId, order: String) -> Result<String, Problem> {
    if order.trim().is_empty() {
        return Err(Problem::new(422, format!("the message {id} has no words")));
    }
    Ok(order.split_whitespace().count().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use bluecrab::{Request, testing::call};

    #[test]
    fn words_are_counted() {
        let message = |text| Request::message(text).with_metadata("messageId", "7");
        assert_eq!(call(words, message("two crabs")).text().unwrap(), "2");
        assert_eq!(call(words, message(" ")).text().unwrap(), "the message 7 has no words");
    }
}

//! The attributes of functions with any other trigger, and of functions that JavaScript calls.

/// Declares a function with any other trigger, in the words of the v4 Node.js model.
///
/// ```
/// use bluecrab::testing::call;
/// use bluecrab::{Batch, Request, trigger};
///
/// #[trigger("kafkaTrigger", topic = "orders", broker_list = "%BROKERS%", consumer_group = "totals")]
/// fn count(Batch(orders): Batch<String>) {
///     log::info!("{} orders", orders.len());
/// }
///
/// assert_eq!(call(count, Request::batch(["a", "b"])).status(), 204);
/// ```
///
/// The first value is the trigger's `type`. Each option becomes a member of the trigger: `broker_list` is `brokerList`.
/// Values are texts, numbers, booleans, and lists of them.
///
/// It also has the [options of all triggers](macro@crate::timer#options-of-all-triggers).
pub use bluecrab_macros::trigger;

/// Declares a function that the app's own JavaScript calls.
///
/// ```
/// use bluecrab::testing::call;
/// use bluecrab::{Bytes, Request, callable};
///
/// #[callable]
/// fn checksum(body: Bytes) -> String {
///     format!("{:08x}", body.iter().fold(0_u32, |sum, byte| sum.rotate_left(5) ^ u32::from(*byte)))
/// }
///
/// assert_eq!(call(checksum, Request::message("crab")).text().unwrap(), "00304442");
/// ```
///
/// ```js
/// import { callable } from 'bluecrab/callable';
///
/// const checksum = callable('app.wasm', 'checksum');
/// const sum = (await checksum(bytes)).text();
/// ```
///
/// The function gets what the caller passes, as the body. An argument that reads metadata or an input does not compile,
/// because there is no trigger.
///
/// It has the [options of all triggers](macro@crate::timer#options-of-all-triggers), without `output`.
pub use bluecrab_macros::callable;

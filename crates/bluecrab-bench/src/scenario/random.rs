//! Random numbers that depend on the seed only.

/// SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
pub struct Random(pub u64);

impl Random {
    /// A number in [0, 1) with the precision of JavaScript's `Math.random()`.
    pub fn decimal(&mut self) -> f64 {
        (self.number() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Returns a whole number below the bound.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.number() % bound as u64) as usize
    }

    /// Returns the numbers below `count` in random order (Fisher-Yates).
    pub fn order(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        for last in (1..count).rev() {
            order.swap(last, self.below(last + 1));
        }
        order
    }

    fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_function_follows_every_other_one() {
        let mut random = Random(1);
        let orders: Vec<Vec<usize>> = (0..40).map(|_| random.order(3)).collect();
        let pairs: HashSet<(usize, usize)> =
            orders.iter().flat_map(|order| order.windows(2).map(|pair| (pair[0], pair[1]))).collect();
        assert_eq!(pairs.len(), 6, "{orders:?}");
        assert!(orders.iter().all(|order| order.iter().collect::<HashSet<_>>().len() == 3));
    }
}

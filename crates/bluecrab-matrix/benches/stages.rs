//! The single stages of a call, natively: `cargo bench --package bluecrab-matrix`.

use bluecrab_matrix::{Form, Operand, Shape, multiply, multiply_fused, parse_pair, print_result};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;

const SIZES: [usize; 4] = [2, 100, 300, 1000];
/// Rows, inner dimension, columns.
const THIN: [(usize, usize, usize); 6] =
    [(1, 1000, 1000), (1000, 1000, 1), (1000, 4, 1000), (4, 1000, 1000), (1000, 1000, 4), (1000, 1, 1000)];

/// A matrix of decimals between 0 and 1 that are as long as doubles are.
fn matrix(rows: usize, columns: usize, mut state: u64) -> Operand<'static> {
    let mut decimal = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let data: Vec<_> = (0..rows * columns).map(|_| decimal()).collect();
    Operand::new(Shape::Matrix(rows, columns), Form::Nested, data).expect("as many numbers as the shape has")
}

fn stages(criterion: &mut Criterion) {
    for size in SIZES {
        let (one, two) = (matrix(size, size, 2019), matrix(size, size, 2026));
        let json =
            |operand| String::from_utf8(bluecrab_matrix::print(operand).expect("it fits")).expect("JSON is UTF-8");
        let body = format!("[{},{}]", json(&one), json(&two));
        let product = multiply(&one, &two).expect("squares of one size");
        let mut stage = |name: &str, throughput: Throughput, work: &mut dyn FnMut()| {
            let mut group = criterion.benchmark_group(name);
            group.throughput(throughput).sample_size(if size > 300 { 10 } else { 50 });
            group.bench_function(BenchmarkId::from_parameter(size), |bencher| bencher.iter(&mut *work));
        };
        let numbers = (size * size) as u64;
        let operations = Throughput::Elements(2 * numbers * size as u64);
        stage("parse", Throughput::Elements(2 * numbers), &mut || {
            drop(black_box(parse_pair(black_box(body.as_bytes()))))
        });
        stage("multiply", operations.clone(), &mut || drop(black_box(multiply(black_box(&one), &two))));
        stage("multiply_fused", operations, &mut || drop(black_box(multiply_fused(black_box(&one), &two))));
        stage("print", Throughput::Elements(numbers), &mut || drop(black_box(print_result(black_box(&product)))));
    }
}

fn thin(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("multiply_thin");
    for (rows, inner, columns) in THIN {
        let (one, two) = (matrix(rows, inner, 2019), matrix(inner, columns, 2026));
        group.throughput(Throughput::Elements((2 * rows * inner * columns) as u64)).sample_size(20);
        let name = BenchmarkId::from_parameter(format!("{rows}x{inner}x{columns}"));
        group.bench_function(name, |bencher| bencher.iter(|| multiply(black_box(&one), &two)));
    }
}

criterion_group!(benches, stages, thin);
criterion_main!(benches);

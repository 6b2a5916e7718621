//! Scales pictures as jimp does, so that both sides answer the same. The crate `image` cannot take the mean of areas
//! with edges within pixels.
//!
//! In a smaller picture, a pixel is the mean of the area that it covers, without the colour of transparent pixels. In a
//! larger picture, a pixel is interpolated between two neighbours.

use image::{Rgba, RgbaImage};

type Pixel = [f32; 4];

/// Which pixels make up a pixel of the new picture, along one axis.
enum Part {
    Copy(usize),
    /// The first pixel, and the shares of this pixel and the pixels after it. The sum of the shares is 1.
    Mean(usize, Vec<f32>),
    /// A pixel, its neighbour, and the neighbour's share.
    Between(usize, usize, f32),
}

/// Scales a picture to another size.
pub fn resample(picture: &RgbaImage, width: u32, height: u32) -> RgbaImage {
    let columns = parts(picture.width(), width);
    let rows = parts(picture.height(), height);
    let narrow: Vec<Vec<Pixel>> = picture
        .rows()
        .map(|row| {
            let row: Vec<Pixel> = row.map(|pixel| pixel.0.map(f32::from)).collect();
            columns.iter().map(|part| part.of(|index| row[index])).collect()
        })
        .collect();
    RgbaImage::from_fn(width, height, |x, y| {
        let pixel = rows[y as usize].of(|index| narrow[index][x as usize]);
        Rgba(pixel.map(|channel| (channel + 0.5) as u8))
    })
}

fn parts(from: u32, to: u32) -> Vec<Part> {
    let ratio = f64::from(from) / f64::from(to);
    let part = |index: u32| {
        if from == to {
            Part::Copy(index as usize)
        } else if from > to {
            mean(f64::from(index) * ratio, ratio, from as usize)
        } else {
            between(f64::from(index) * ratio, from as usize)
        }
    };
    (0..to).map(part).collect()
}

fn mean(start: f64, length: f64, count: usize) -> Part {
    let end = start + length;
    let pixels = start as usize..(end.ceil() as usize).min(count);
    let share = |index: usize| (end.min(index as f64 + 1.0) - start.max(index as f64)) / length;
    Part::Mean(pixels.start, pixels.map(|index| share(index) as f32).collect())
}

fn between(place: f64, count: usize) -> Part {
    // Aligning the centres of the pixels would need (1 - ratio) / 2, but jimp uses a third for every ratio.
    let place = (place - 1.0 / 3.0).clamp(0.0, (count - 1) as f64);
    let first = place as usize;
    Part::Between(first, (first + 1).min(count - 1), place.fract() as f32)
}

impl Part {
    fn of(&self, pixel: impl Fn(usize) -> Pixel) -> Pixel {
        match self {
            &Self::Copy(index) => pixel(index),
            Self::Mean(first, shares) => {
                let (mut sum, mut visible) = ([0.0; 4], 0.0);
                for (index, share) in shares.iter().enumerate() {
                    let pixel = pixel(first + index);
                    if pixel[3] != 0.0 {
                        visible += share;
                        for channel in 0..4 {
                            sum[channel] += pixel[channel] * share;
                        }
                    }
                }
                let [red, green, blue, alpha] = sum;
                let colour = if visible > 0.0 { 1.0 / visible } else { 0.0 };
                [red * colour, green * colour, blue * colour, alpha]
            }
            &Self::Between(first, second, share) => {
                let (first, second) = (pixel(first), pixel(second));
                std::array::from_fn(|channel| first[channel] * (1.0 - share) + second[channel] * share)
            }
        }
    }
}

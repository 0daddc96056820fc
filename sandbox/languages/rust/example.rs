/// Where `wanted` stands in `sorted`.
fn find(sorted: &[u32], wanted: u32) -> Option<usize> {
    let (mut first, mut last) = (0, sorted.len() - 1);
    while first <= last {
        let middle = (first + last) / 2;
        if sorted[middle] == wanted {
            return Some(middle);
        } else if sorted[middle] < wanted {
            first = middle + 1;
        } else {
            last = middle - 1;
        }
    }
    None
}

fn main() {
    let years = [1815, 1906, 1912, 1936, 1943, 1969];

    println!("1943: {:?}", find(&years, 1943));
    println!("1950: {:?}", find(&years, 1950));
    println!("2000: {:?}", find(&years, 2000));

    // Years in between and years after all of them are fine. What is different before the first?
    println!("1800: {:?}", find(&years, 1800));
}

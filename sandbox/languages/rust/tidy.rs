use std::collections::HashMap;
fn main() {
    let mut counts: HashMap<&str, i32> = HashMap::new();
    for word in ["größe", "b"].iter() {
        *counts.entry(word).or_insert(0) += 1;
    }
    if counts.len() > 1 {
        println!("{}", counts["b"])
    } else {
        println!("one");
    }
}

fn main() {
    let total = 1 + ; // broken
    println!("{}", total);
}

fn is_leap(year: u32) -> bool {
    year % 4 == 0 && year % 100 != 0
}

fn main() {
    println!("{}", is_leap(2024));
}

#[cfg(test)]
mod tests {
    use super::is_leap;

    #[test]
    fn every_fourth_year() {
        assert!(is_leap(2024));
        assert!(!is_leap(2023));
    }

    #[test]
    fn not_every_century() {
        assert!(!is_leap(1900));
    }

    #[test]
    fn but_every_fourth_century() {
        assert!(is_leap(2000), "2000 was a leap year");
    }
}

require "minitest/autorun"

# Writes a whole number the Roman way.
def roman(number)
  { 1000 => "M", 900 => "CM", 500 => "D", 100 => "C", 90 => "XC", 50 => "L", 40 => "XL", 10 => "X", 9 => "IX", 5 => "V", 4 => "IV", 1 => "I" }
    .reduce(+"") do |text, (value, letters)|
      times, number = number.divmod(value)
      text << letters * times
    end
end

class RomanTest < Minitest::Test
  def test_adds_letters_up
    assert_equal "MMXXVI", roman(2026)
  end

  def test_puts_the_smaller_letter_first_when_it_is_taken_away
    assert_equal "XCIX", roman(99)
    assert_equal "IV", roman(4)
  end

  def test_has_no_zero
    assert_raises(ArgumentError) { roman(0) }
  end

  def test_of_numbers_beyond_the_letters
    skip "nobody has said what 4000 should be"
  end
end

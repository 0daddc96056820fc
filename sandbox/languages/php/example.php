<?php

// Everybody gets a discount of ten percent. Why does Linus pay as much as Grace?

$prices = ['Ada' => 30.00, 'Grace' => 20.00, 'Linus' => 50.00];

foreach ($prices as $name => &$price) {
    $price = round($price * 0.9, 2);
}

$total = 0;
foreach ($prices as $name => $price) {
    printf("%-6s %6.2f\n", $name, $price);
    $total += $price;
}
printf("total  %6.2f\n", $total);

if ($total !== 90.0) {
    throw new UnexpectedValueException("The total should be 90.00 but is " . number_format($total, 2));
}

<?php

use PHPUnit\Framework\TestCase;

/** Writes a number of seconds the way people say it. */
function spoken(int $seconds): string
{
    $minutes = intdiv($seconds, 60);
    return $minutes > 0 ? "$minutes min " . $seconds % 60 . ' s' : "$seconds s";
}

final class SpokenTest extends TestCase
{
    public function testLessThanAMinuteIsSaidInSeconds(): void
    {
        $this->assertSame('59 s', spoken(59));
    }

    public function testMoreIsSaidInMinutesAndSeconds(): void
    {
        $this->assertSame('1 min 30 s', spoken(90));
    }

    public function testNobodySaysZeroSeconds(): void
    {
        $this->assertSame('2 min', spoken(120));
    }

    public function testHours(): void
    {
        $this->markTestSkipped('Nobody has said how an hour is called.');
    }
}

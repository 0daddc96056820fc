<?php

// Test mode: runs PHPUnit over the files of tests.
//   php test.php ENTRY FILE... -- [PHPUnit's own arguments]
// A project that brings its own phpunit.xml is run as that says. Otherwise files of tests are those PHPUnit itself takes, *Test.php, and
// without one, the entry file.

(function (array $words) {
    $divide = array_search('--', $words, true);
    [$entry, $files] = [$words[0], array_slice($words, 1, $divide - 1)];
    $options = ['--do-not-cache-result', '--log-junit', '/tmp/bugghost-tests.xml', ...array_slice($words, $divide + 1)];

    if (!file_exists('phpunit.xml') && !file_exists('phpunit.xml.dist')) {
        $tests = array_filter($files, fn($path) => str_ends_with($path, 'Test.php')) ?: [$entry];
        $listed = implode('', array_map(fn($path) => '<file>' . htmlspecialchars(getcwd() . "/$path", ENT_XML1) . '</file>', $tests));
        file_put_contents('/tmp/phpunit.xml', "<phpunit><testsuites><testsuite name=\"tests\">$listed</testsuite></testsuites></phpunit>\n");
        array_unshift($options, '--configuration', '/tmp/phpunit.xml');
    }
    pcntl_exec('/usr/bin/phpunit', $options);
    fwrite(STDERR, "phpunit cannot be started.\n");
    exit(127);
})(array_slice($argv, 1));

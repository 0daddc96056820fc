<?php

foreach (['bcmath', 'dom', 'mbstring', 'sodium'] as $name) {
    extension_loaded($name) || throw new RuntimeException("$name is not there");
}
echo bcadd('0.1', '0.2', 1), ' ', mb_strtoupper('é'), ' ', trim(shell_exec('phpunit --version')), "\n";

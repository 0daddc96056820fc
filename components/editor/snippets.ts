// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the editor's placeholders.
import type { languages } from 'monaco-editor/editor'
import type { Monaco } from './monaco.ts'

/** What somebody types, what it becomes (`$1`, `$0`: where the cursor goes), and what it is. */
type Snippet = readonly [prefix: string, body: string, description: string]

/** By the editor's name of the language. A handful each: what one writes at the start of nearly every program. */
export const snippets: Record<string, readonly Snippet[]> = {
  python: [
    ['main', 'def main():\n    ${1:pass}\n\n\nif __name__ == "__main__":\n    main()$0', 'A main function'],
    ['def', 'def ${1:name}(${2:args}):\n    ${0:pass}', 'A function'],
    ['class', 'class ${1:Name}:\n    def __init__(self${2:, value}):\n        ${0:pass}', 'A class'],
    ['for', 'for ${1:item} in ${2:items}:\n    ${0:pass}', 'A loop'],
    ['try', 'try:\n    ${1:pass}\nexcept ${2:Exception} as error:\n    ${0:raise}', 'Catch an error'],
    ['input', 'for line in sys.stdin:\n    ${0:print(line.rstrip())}', 'Read the input line by line (import sys)'],
    ['test', 'def test_${1:name}():\n    assert ${0:True}', 'A test for pytest'],
  ],
  javascript: [
    ['fn', 'function ${1:name}(${2:args}) {\n  $0\n}', 'A function'],
    ['class', 'class ${1:Name} {\n  constructor(${2:value}) {\n    $0\n  }\n}', 'A class'],
    ['for', 'for (const ${1:item} of ${2:items}) {\n  $0\n}', 'A loop'],
    ['log', 'console.log($0)', 'Print'],
    [
      'input',
      "for await (const line of require('node:readline').createInterface({ input: process.stdin })) {\n  $0\n}",
      'Read the input line by line',
    ],
    [
      'test',
      "const test = require('node:test')\nconst assert = require('node:assert')\n\ntest('${1:name}', () => {\n  assert.equal($0)\n})",
      'A test for node:test',
    ],
  ],
  typescript: [
    ['fn', 'function ${1:name}(${2:arg}: ${3:string}): ${4:void} {\n  $0\n}', 'A function'],
    ['class', 'class ${1:Name} {\n  constructor(readonly ${2:value}: ${3:string}) {\n    $0\n  }\n}', 'A class'],
    ['type', 'type ${1:Name} = {\n  $0\n}', 'A type'],
    ['for', 'for (const ${1:item} of ${2:items}) {\n  $0\n}', 'A loop'],
    ['log', 'console.log($0)', 'Print'],
    [
      'input',
      "import { createInterface } from 'node:readline'\n\nfor await (const line of createInterface({ input: process.stdin })) {\n  $0\n}",
      'Read the input line by line',
    ],
    [
      'test',
      "import assert from 'node:assert'\nimport test from 'node:test'\n\ntest('${1:name}', () => {\n  assert.equal($0)\n})",
      'A test for node:test',
    ],
  ],
  java: [
    ['main', 'public class Main {\n    public static void main(String[] args) {\n        $0\n    }\n}', 'A class with main'],
    ['method', 'static ${1:void} ${2:name}(${3}) {\n    $0\n}', 'A method'],
    ['for', 'for (${1:var} ${2:item} : ${3:items}) {\n    $0\n}', 'A loop'],
    ['print', 'System.out.println($0);', 'Print'],
    [
      'input',
      'var in = new java.util.Scanner(System.in);\nwhile (in.hasNextLine()) {\n    var line = in.nextLine();\n    $0\n}',
      'Read the input line by line',
    ],
    [
      'test',
      '@org.junit.jupiter.api.Test\nvoid ${1:name}() {\n    org.junit.jupiter.api.Assertions.assertEquals($0);\n}',
      'A test for JUnit',
    ],
  ],
  ruby: [
    ['def', 'def ${1:name}(${2:args})\n  $0\nend', 'A method'],
    ['class', 'class ${1:Name}\n  def initialize(${2:value})\n    $0\n  end\nend', 'A class'],
    ['each', '${1:items}.each do |${2:item}|\n  $0\nend', 'A loop'],
    ['rescue', 'begin\n  $1\nrescue ${2:StandardError} => e\n  $0\nend', 'Catch an error'],
    ['input', 'while (line = gets)\n  $0\nend', 'Read the input line by line'],
    [
      'test',
      "require 'minitest/autorun'\n\nclass ${1:Name}Test < Minitest::Test\n  def test_${2:name}\n    assert_equal $0\n  end\nend",
      'A test for minitest',
    ],
  ],
  go: [
    ['main', 'package main\n\nimport "fmt"\n\nfunc main() {\n\tfmt.Println($0)\n}', 'A program'],
    ['func', 'func ${1:name}(${2}) ${3:error} {\n\t$0\n}', 'A function'],
    ['struct', 'type ${1:Name} struct {\n\t$0\n}', 'A struct'],
    ['for', 'for ${1:i}, ${2:item} := range ${3:items} {\n\t$0\n}', 'A loop'],
    ['err', 'if err != nil {\n\t${0:return err}\n}', 'Handle an error'],
    [
      'input',
      'scanner := bufio.NewScanner(os.Stdin)\nfor scanner.Scan() {\n\tline := scanner.Text()\n\t$0\n}',
      'Read the input line by line',
    ],
    [
      'test',
      'func Test${1:Name}(t *testing.T) {\n\tif got := ${2:f()}; got != ${3:want} {\n\t\tt.Errorf("got %v", got)\n\t}\n}$0',
      'A test',
    ],
  ],
  rust: [
    ['main', 'fn main() {\n    $0\n}', 'A main function'],
    ['fn', 'fn ${1:name}(${2}) -> ${3:i32} {\n    $0\n}', 'A function'],
    ['struct', '#[derive(Debug)]\nstruct ${1:Name} {\n    $0\n}', 'A struct'],
    ['for', 'for ${1:item} in ${2:items} {\n    $0\n}', 'A loop'],
    ['print', 'println!("{}", $0);', 'Print'],
    ['input', 'for line in std::io::stdin().lines() {\n    let line = line.unwrap();\n    $0\n}', 'Read the input line by line'],
    ['test', '#[test]\nfn ${1:name}() {\n    assert_eq!($0);\n}', 'A test'],
  ],
  c: [
    ['main', '#include <stdio.h>\n\nint main(void) {\n    $0\n    return 0;\n}', 'A program'],
    ['fn', '${1:int} ${2:name}(${3:void}) {\n    $0\n}', 'A function'],
    ['for', 'for (int ${1:i} = 0; $1 < ${2:count}; $1++) {\n    $0\n}', 'A loop'],
    ['print', 'printf("$1\\n"$0);', 'Print'],
    ['input', 'char line[1024];\nwhile (fgets(line, sizeof line, stdin)) {\n    $0\n}', 'Read the input line by line'],
  ],
  cpp: [
    ['main', '#include <iostream>\n\nint main() {\n    $0\n}', 'A program'],
    ['class', 'class ${1:Name} {\npublic:\n    $1($2) {}\n\nprivate:\n    $0\n};', 'A class'],
    ['for', 'for (const auto& ${1:item} : ${2:items}) {\n    $0\n}', 'A loop'],
    ['print', "std::cout << $0 << '\\n';", 'Print'],
    ['input', 'for (std::string line; std::getline(std::cin, line);) {\n    $0\n}', 'Read the input line by line'],
  ],
  php: [
    ['fn', 'function ${1:name}(${2})\n{\n    $0\n}', 'A function'],
    ['class', 'class ${1:Name}\n{\n    public function __construct(${2})\n    {\n        $0\n    }\n}', 'A class'],
    ['foreach', 'foreach ($${1:items} as $${2:item}) {\n    $0\n}', 'A loop'],
    ['input', 'while (($line = fgets(STDIN)) !== false) {\n    $0\n}', 'Read the input line by line'],
  ],
  shell: [
    ['strict', 'set -euo pipefail\n$0', 'Stop at the first error'],
    ['fn', '${1:name}() {\n  $0\n}', 'A function'],
    ['for', 'for ${1:item} in ${2:"$@"}; do\n  $0\ndone', 'A loop'],
    ['if', 'if [[ ${1:-n "$x"} ]]; then\n  $0\nfi', 'A condition'],
    ['input', 'while IFS= read -r line; do\n  $0\ndone', 'Read the input line by line'],
  ],
  sql: [
    ['table', 'CREATE TABLE ${1:name} (\n  id INTEGER PRIMARY KEY,\n  $0\n);', 'A table'],
    ['insert', 'INSERT INTO ${1:name} (${2:columns}) VALUES\n  ($0);', 'Rows'],
    ['with', 'WITH ${1:name} AS (\n  $2\n)\nSELECT * FROM $1$0;', 'A named query'],
  ],
  lua: [
    ['fn', 'local function ${1:name}(${2})\n  $0\nend', 'A function'],
    ['for', 'for ${1:i}, ${2:item} in ipairs(${3:items}) do\n  $0\nend', 'A loop'],
    ['input', 'for line in io.lines() do\n  $0\nend', 'Read the input line by line'],
  ],
}

export function registerSnippets(monaco: Monaco): void {
  for (const [language, all] of Object.entries(snippets)) {
    monaco.languages.registerCompletionItemProvider(language, {
      provideCompletionItems(model, position) {
        const word = model.getWordUntilPosition(position)
        const range = new monaco.Range(position.lineNumber, word.startColumn, position.lineNumber, word.endColumn)
        const suggestions = all.map(
          ([label, insertText, detail]): languages.CompletionItem => ({
            label,
            insertText,
            detail,
            documentation: { value: `\`\`\`${language}\n${insertText.replace(/\$\{\d+:?([^}]*)\}|\$\d/g, '$1')}\n\`\`\`` },
            kind: monaco.languages.CompletionItemKind.Snippet,
            insertTextRules: monaco.languages.CompletionItemInsertTextRule.InsertAsSnippet,
            range,
          }),
        )
        return { suggestions }
      },
    })
  }
}

/**
 * The words of a command line, split as a shell would: quotes keep words together, a backslash
 * keeps the next character, `$NAME` outside single quotes is replaced.
 */
export function splitWords(line: string, names: ReadonlyMap<string, string>): string[] {
  const words: string[] = [];
  const token = /'([^']*)'|"((?:[^"\\]|\\.)*)"|((?:[^\s'"\\]|\\.)+)|(\s+)/gy;
  let word: string | undefined;
  for (const [, single, double, plain, space] of line.matchAll(token)) {
    if (space !== undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    word = (word ?? "") + (single ?? replaceNames(unescape(double ?? plain ?? ""), names));
  }
  return word === undefined ? words : [...words, word];
}

export function replaceNames(text: string, names: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\$([A-Z_]+)/g, (_whole, name: string) => {
    const value = names.get(name);
    if (value === undefined) throw new Error(`no step gave $${name} a value`);
    return value;
  });
}

function unescape(text: string): string {
  return text.replaceAll(/\\(.)/g, "$1");
}

import ts from 'typescript';

/** A rule of the style, and where a source breaks it. */
export interface Violation {
  readonly rule: Rule;
  readonly line: number;
  readonly text: string;
}

export const RULES = [
  'no formatter or linter is told to look away',
  'what is private is #private',
  'no literal is spread into a literal',
  'identifiers are in American spelling',
  'constants are in one case',
  'doc comments name the thing first',
] as const;
export type Rule = (typeof RULES)[number];

/** Stems of British spellings, as they stand in the words of identifiers. */
const BRITISH =
  /(?:optim|initial|normal|regular|standard|quant|token|serial|vector|parallel|synchron|organ|recogn|binar|maxim|minim|summar|categor|visual|general|penal|random|factor|local|equal|final|real)is(?:e|ed|er|ers|es|ing|ation|ations)$|^(?:un)?(?:colour|grey|neighbour|behaviour|favour|honour|artefact)|^centr(?:e|es|ed|ing)$|^(?:licence|metre|millimetre|kilometre|litre)s?$|^(?:label|model|cancel|channel)l(?:ed|ing)$/;

/** Protected on purpose: subclasses in other modules override or use these, and would not see them with `#`. */
const HOOKS = new Set([
  // Module, its convolutions and recurrent stacks
  'children',
  'axesInPyTorch',
  'filter',
  'run',
  // Optimizer
  'scalars',
  'slot',
  'update',
  // RandomNumbers, whose RandomStream makes tensors
  'advance',
  'key',
  'stateOfFork',
]);

const SCREAMING = /^[A-Z][A-Z0-9]+(_[A-Z0-9]+)*$|^[A-Z](_[A-Z0-9]+)+$/;

/** Whether a name, of a file or of a program, has a word in British spelling. */
export function isBritish(name: string): boolean {
  const words =
    name
      .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
      .toLowerCase()
      .match(/[a-z]+/g) ?? [];
  return words.some((word) => BRITISH.test(word));
}

/** All violations of a source, line by line. */
export function violationsOf(file: string, text: string): Violation[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: Violation[] = [];
  const lines = text.split('\n');
  const report = (rule: Rule, position: number): void => {
    const line = source.getLineAndCharacterOfPosition(position).line;
    if (!found.some((each) => each.rule === rule && each.line === line + 1))
      found.push({ rule, line: line + 1, text: lines[line]!.trim() });
  };
  for (const { pos, comment } of commentsOf(source)) {
    if (/(?:prettier-ignore|eslint-disable)/.test(comment)) report('no formatter or linter is told to look away', pos);
    if (/^\/\*\*[\s*]*(?:What|Of)\s/.test(comment)) report('doc comments name the thing first', pos);
  }
  const visit = (node: ts.Node): void => {
    if (isHidden(node)) report('what is private is #private', node.getStart());
    if (isSpreadLiteral(node)) report('no literal is spread into a literal', node.getStart());
    if ((ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) && isBritish(node.text))
      report('identifiers are in American spelling', node.getStart());
    if (ts.isVariableDeclaration(node) && !isInRightCase(node)) report('constants are in one case', node.getStart());
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found.sort((a, b) => a.line - b.line);
}

function* commentsOf(source: ts.SourceFile): Generator<{ readonly pos: number; readonly comment: string }> {
  const seen = new Set<number>();
  const tokens: ts.Node[] = [];
  const collect = (node: ts.Node): void => {
    const children = node.getChildren(source);
    if (children.length === 0) tokens.push(node);
    for (const child of children) if (!ts.isJSDoc(child)) collect(child);
  };
  collect(source);
  for (const token of tokens) {
    const ranges = [
      ...(ts.getLeadingCommentRanges(source.text, token.pos) ?? []),
      ...(ts.getTrailingCommentRanges(source.text, token.end) ?? []),
    ];
    for (const { pos, end } of ranges) {
      if (seen.has(pos)) continue;
      seen.add(pos);
      yield { pos, comment: source.text.slice(pos, end) };
    }
  }
}

/** Whether a member is private or protected by TypeScript alone. A constructor cannot be otherwise. */
function isHidden(node: ts.Node): boolean {
  if (!ts.canHaveModifiers(node) || ts.isConstructorDeclaration(node)) return false;
  const kinds = ts.getModifiers(node)?.map(({ kind }) => kind) ?? [];
  if (kinds.includes(ts.SyntaxKind.PrivateKeyword)) return true;
  const isHook = ts.isClassElement(node) && node.name !== undefined && HOOKS.has(node.name.getText());
  return kinds.includes(ts.SyntaxKind.ProtectedKeyword) && !isHook;
}

function isSpreadLiteral(node: ts.Node): boolean {
  return (
    (ts.isSpreadAssignment(node) || ts.isSpreadElement(node)) &&
    (ts.isObjectLiteralExpression(node.expression) || ts.isArrayLiteralExpression(node.expression))
  );
}

/** Primitives and tables of a module are SCREAMING; values of functions, functions and objects are not. */
function isInRightCase({ name, initializer, parent }: ts.VariableDeclaration): boolean {
  if (!ts.isIdentifier(name) || initializer === undefined) return true;
  const isConstant =
    ts.isVariableDeclarationList(parent) &&
    (parent.flags & ts.NodeFlags.Const) !== 0 &&
    ts.isSourceFile(parent.parent.parent);
  const isScreaming = SCREAMING.test(name.text);
  if (!isConstant) return !isScreaming;
  if (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer)) return !isScreaming;
  return isScreaming || name.text.length === 1 || !(isPrimitive(initializer) || isFrozenTable(initializer));
}

function isPrimitive(node: ts.Expression): boolean {
  if (ts.isParenthesizedExpression(node)) return isPrimitive(node.expression);
  if (ts.isPrefixUnaryExpression(node)) return isPrimitive(node.operand);
  if (ts.isBinaryExpression(node)) return isPrimitive(node.left) && isPrimitive(node.right);
  return ts.isNumericLiteral(node) || ts.isBigIntLiteral(node) || ts.isStringLiteralLike(node);
}

function isFrozenTable(node: ts.Expression): boolean {
  if (ts.isSatisfiesExpression(node)) return isFrozenTable(node.expression);
  return ts.isAsExpression(node) && ts.isConstTypeReference(node.type) && isTable(node.expression);
}

/** A list of primitives. Objects have methods and members, and are named as values are. */
function isTable(node: ts.Expression): boolean {
  return ts.isArrayLiteralExpression(node) && node.elements.every(isPrimitive);
}

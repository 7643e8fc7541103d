import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

/** A condition on a label, as `severity=~"critical|warning"`. */
export interface Matcher {
  readonly label: string;
  readonly operator: string;
  readonly value: string;
}

/** Series that a query asks for. */
export interface Selector {
  readonly metric: string;
  readonly matchers: readonly Matcher[];
}

export interface ParsedQuery {
  readonly selectors: readonly Selector[];
  /** Labels by which it groups or joins. */
  readonly groupings: readonly string[];
}

/**
 * Reads a query with Prometheus' own grammar.
 * @throws Error that names the place where it is no PromQL
 */
export function parseQuery(expr: string): ParsedQuery {
  const selectors: Selector[] = [];
  const groupings: string[] = [];
  const text = ({ from, to }: { from: number; to: number }) => expr.slice(from, to);
  const enter = (node: SyntaxNode) => {
    if (node.type.isError) throw new Error(`no PromQL at character ${node.from}: ${expr}`);
    if (node.name === 'VectorSelector') selectors.push(selectorOf(node, text));
    if (node.name === 'GroupingLabels') groupings.push(...node.getChildren('LabelName').map(text));
  };
  parser.parse(expr).iterate({ enter: ({ node }) => enter(node) });
  return { selectors, groupings };
}

function selectorOf(node: SyntaxNode, text: (node: SyntaxNode) => string): Selector {
  const name = node.getChild('Identifier');
  const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
  return {
    metric: name ? text(name) : '',
    matchers: matchers.map((matcher) => ({
      label: text(matcher.getChild('LabelName')!),
      operator: text(matcher.getChild('MatchOp')!),
      value: text(matcher.getChild('StringLiteral')!).slice(1, -1),
    })),
  };
}

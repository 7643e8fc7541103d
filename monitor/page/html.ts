import htm from 'htm';
import { h, type VNode } from 'preact';

// htm's types are those of its CommonJS build, where the function is a property; the module's default is the function.
const bindable = htm as unknown as typeof htm.default;

/** JSX as a tagged template: what the browser runs is what is written here. */
export const html = bindable.bind(h) as (strings: TemplateStringsArray, ...values: unknown[]) => VNode;

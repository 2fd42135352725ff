// The libraries of web/vendor/ that the page uses. Only this module imports their files.
import { Component, Fragment, h, render } from "../vendor/preact/preact.mjs";
import htm from "../vendor/htm/htm.mjs";

export { createClient as createStreamClient } from "../vendor/graphql-sse/client.mjs";
export { createClient } from "../vendor/graphql-ws/client.js";
export { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "../vendor/preact/hooks.mjs";
export { Component, Fragment, h, render };

export const html = htm.bind(h);

/** A component that renders again only if one of its props is another value. */
export function memo(Inner) {
  return class Memo extends Component {
    shouldComponentUpdate(next) {
      const names = new Set([...Object.keys(next), ...Object.keys(this.props)]);
      return [...names].some((name) => next[name] !== this.props[name]);
    }

    render(props) {
      return h(Inner, props);
    }
  };
}

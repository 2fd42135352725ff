// The data that the server has put into the page: results of the first requests that its view would make.
import * as documents from "./documents.js";

/** How long the data is used, since the page was opened. What has happened since the server read it follows by its cursor. */
const FRESH_MS = 60_000;
const block = globalThis.document?.getElementById("data");
/** Results as {document: the name of one in documents.js, variables, data}; and the site's categories. */
const given = block ? JSON.parse(block.textContent) : { results: [], categories: [] };
// What is deleted later shall not stay in the page.
block?.remove();

export const givenCategories = given.categories;

/** Returns the data of a request if the page came with it, otherwise null. Once. */
export function takeGiven(document, variables = {}) {
  const at = given.results.findIndex((one) => documents[one.document] === document && isOf(one.variables, variables));
  if (at === -1 || performance.now() > FRESH_MS) return null;
  const [{ data }] = given.results.splice(at, 1);
  // Readers without scripts get replies of any depth.
  if (data.discussion && variables.maxDepth) {
    const { thread } = data.discussion;
    thread.edges = thread.edges.filter(({ node }) => node.depth <= variables.maxDepth);
  }
  return data;
}

/** Whether a request has the variables that the data depends on. */
function isOf(wanted, variables) {
  return Object.entries(wanted).every(([name, value]) => JSON.stringify(variables[name] ?? null) === JSON.stringify(value));
}

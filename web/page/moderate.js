// The moderators' script: what moderators.js loads, by name.
export { DiscussionMenu } from "./discussion_menu.js";
export { ModerateLink } from "./moderate_link.js";
export { ModeratePage } from "./moderate_page.js";

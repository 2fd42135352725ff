// What the moderators' script (moderate.js) takes from the readers' one, so that both have the same state.
export { Fragment, html, memo, useEffect, useLayoutEffect, useMemo, useRef, useState } from "./libraries.js";
export { DISCUSSION, POST } from "./documents.js";
export { Dialog, Errors, Icon, Nothing, Skeleton, advice, asErrors, useObservables } from "./components.js";
export { AsOf, ConnectionBadge } from "./connection_status.js";
export { formatNumber, language, t } from "./i18n.js";
export { connection, notices, router, session, site } from "./state.js";
export { discussionPath, moderatePath, postPath, userPath } from "./router.js";
export { Avatar, Author, Category, Name } from "./users.js";
export { Follower } from "./follower.js";
export { Menu } from "./menus.js";
export { Observable } from "./observable.js";
export { PersonField } from "./person_field.js";
export { PostBody } from "./post_body.js";
export { Timestamp } from "./timestamps.js";
export { newKey } from "./keys.js";
export { useShortcuts } from "./shortcuts.js";

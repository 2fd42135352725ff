/* Built by scripts/bundle from web/page. The licences of its libraries are in web/vendor. */
import{Dialog as Wt,Errors as Qt,Icon as V,Menu as Xt,advice as zt,asErrors as Jt,html as U,newKey as Zt,notices as ze,session as en,site as Je,t as v,useState as q}from"./app.js";import{DISCUSSION as Yt,POST as Vt}from"./app.js";var B="fragment PersonParts on User { id handle name avatarUrl }",jt="fragment DecisionParts on Decision { action by { ...PersonParts } reason at }",J=`fragment ItemParts on ReviewItem {
  id kind state version postVersion title body reportCount createdAt updatedAt claimedUntil
  author { ...PersonParts }
  claimedBy { ...PersonParts }
  decision { ...DecisionParts }
  post {
    __typename id version state authorRole discussion { id number title }
    deletion { by } ... on Reply { sequence }
  }
  held {
    id kind state title body bodyHtml reasons createdAt
    discussion { id number title } category { name }
    replyTo { sequence } edits { id discussion { id number title } ... on Reply { sequence } }
  }
  reports(first: 20) { nodes { id reason note postVersion at reporter { ...PersonParts } } }
}
${B}
${jt}`,Y=`fragment EntryParts on AuditEntry {
  id action at reason canUndo total done skipped
  actor { ...PersonParts }
  user { ...PersonParts }
  discussion { number title state }
  post { id state discussion { number title } ... on Reply { sequence } }
  category { slug name }
  held { id kind title discussion { number title } }
  undoes { id action at }
  undoneBy { id }
}`,De=`query ($first: Int!) {
  moderationCursor
  reviewQueue(filter: { state: OPEN }, first: $first) { pageInfo { hasNextPage } nodes { id } }
}`,Ne=`subscription ($after: String) {
  moderationEvents(after: $after) {
    __typename cursor
    ... on ReviewItemOpened { reviewItem { id state } }
    ... on ReviewItemChanged { reviewItem { id state } }
  }
}`,Me=`query ($filter: ReviewQueueFilter, $first: Int!, $after: String) {
  moderationCursor
  reviewQueue(filter: $filter, first: $first, after: $after) { pageInfo { hasNextPage endCursor } nodes { ...ItemParts } }
}
${J}`,xe=`subscription ($after: String) {
  moderationEvents(after: $after) {
    __typename cursor
    ... on ReviewItemOpened { reviewItem { ...ItemParts } }
    ... on ReviewItemChanged { reviewItem { ...ItemParts } }
    ... on AuditEntryAdded { entry { ...EntryParts reviewItem { id } } }
  }
}
${J}
${Y}`,Te=`mutation ($input: DecideReviewInput!) {
  decideReview(input: $input) {
    reviewItem { ...ItemParts }
    errors { code message ... on Conflict { current { ...ItemParts } } }
  }
}
${J}`,_e=`mutation ($input: ClaimReviewInput!) {
  claimReview(input: $input) { reviewItem { ...ItemParts } errors { code message } }
}
${J}`,Ae=`mutation ($input: UndoInput!) {
  undo(input: $input) { auditEntry { ...EntryParts } errors { code message } }
}
${Y}
${B}`,Ue=`query ($filter: AuditLogFilter, $first: Int!, $after: String) {
  moderationCursor
  auditLog(filter: $filter, first: $first, after: $after) { pageInfo { hasNextPage endCursor } nodes { ...EntryParts } }
}
${Y}
${B}`,Le=`subscription ($after: String) {
  moderationEvents(after: $after) { __typename cursor ... on AuditEntryAdded { entry { ...EntryParts } } }
}
${Y}
${B}`,Z=`query ($ids: [ID!]!) { nodes(ids: $ids) { ... on AuditEntry { ...EntryParts } } }
${Y}
${B}`,Be=`fragment MemberParts on User {
  ...PersonParts isGuest role createdAt premoderated
  suspension { reason until at by { ...PersonParts } }
  replies(first: 1) { totalCount totalCountIsExact }
  discussions(first: 1) { totalCount totalCountIsExact }
}
${B}`,ee=`query ($handle: String!) { user(handle: $handle) { ...MemberParts } }
${Be}`,te=(t,e)=>`mutation ($input: ${e}Input!) {
  written: ${t}(input: $input) { user { ...MemberParts } errors { code message } }
}
${Be}`,qe=te("suspendUser","SuspendUser"),He=te("unsuspendUser","UnsuspendUser"),Fe=te("setRole","SetRole"),Ge=te("premoderateUser","PremoderateUser"),Ye=`mutation ($input: RemovePostsInput!) {
  removePosts(input: $input) {
    posts discussions repliesOfOthers auditEntry { ...EntryParts } errors { code message }
  }
}
${Y}
${B}`,pe="fragment CategoryParts on Category { id slug name description position premoderated }",Ve=`query { categories(first: 100) { nodes { ...CategoryParts } } }
${pe}`,je=`mutation ($input: AddCategoryInput!) {
  written: addCategory(input: $input) { category { ...CategoryParts } errors { code message path } }
}
${pe}`,me=`mutation ($input: EditCategoryInput!) {
  written: editCategory(input: $input) { category { ...CategoryParts } errors { code message path } }
}
${pe}`,ne=(t,e)=>`mutation ($input: ${e}Input!) {
  written: ${t}(input: $input) { discussion { ...DiscussionParts } errors { code message } }
}
${Yt}
${Vt}`,Ke=ne("pinDiscussion","PinDiscussion"),We=ne("unpinDiscussion","UnpinDiscussion"),Qe=ne("moveDiscussion","MoveDiscussion"),Xe=ne("retitleDiscussion","RetitleDiscussion");var tn=500;function nn({discussion:t,actions:e}){let[n,o]=q(null),s=async(r,a)=>{try{let{written:c}=await en.execute(r,{input:{discussionId:t.id,clientMutationId:Zt(),...a}});return c.discussion&&e.saved(c.discussion),c.errors}catch(c){return Jt(c)}},i=async()=>{let r=await s(t.pinned?We:Ke,{});r.length?ze.show(zt(r[0])):ze.show(v(t.pinned?"discussion.unpinned":"discussion.nowPinned"))};return U`<${Xt} className="quiet small" action="moderate" button=${U`<${V} name="shield" />${v("moderation.link")}`}>
      <button type="button" data-action="pin" onClick=${i}><${V} name="pin" />${v(t.pinned?"discussion.unpin":"discussion.pin")}</button>
      <button type="button" data-action="move" onClick=${()=>o("move")}><${V} name="next" />${v("discussion.move")}</button>
      <button type="button" data-action="retitle" onClick=${()=>o("retitle")}><${V} name="edit" />${v("discussion.retitle")}</button>
      <button type="button" data-action="lock" onClick=${()=>e.lock(t)}><${V} name="lock" />${v(t.locked?"discussion.unlock":"discussion.lock")}</button>
      <button type="button" data-action="delete-discussion" onClick=${()=>e.remove(t)}><${V} name="trash" />${v("discussion.delete")}</button>
    <//>
    ${n==="move"&&U`<${on} discussion=${t} send=${s} onClose=${()=>o(null)} />`}
    ${n==="retitle"&&U`<${sn} discussion=${t} send=${s} onClose=${()=>o(null)} />`}`}function on({discussion:t,send:e,onClose:n}){let o=t.category?.id??"",[s,i]=q(o);return U`<${Ze} title=${v("discussion.moveTitle")} yes=${v("discussion.moveYes")} isReady=${s!==o} onYes=${r=>e(Qe,{categoryId:s||null,reason:r})} onClose=${n}>
    <label class="field">${v("new.category")}
      <select name="category" data-first value=${s} onChange=${({target:r})=>i(r.value)}>
        <option value="">${v("new.noCategory")}</option>
        ${Je.categories.map(({id:r,name:a})=>U`<option key=${r} value=${r}>${a}</option>`)}
      </select>
    </label>
  <//>`}function sn({discussion:t,send:e,onClose:n}){let[o,s]=q(t.title),[{version:i}]=q(t);return U`<${Ze} title=${v("discussion.retitleTitle")} yes=${v("edit.save")} isReady=${o.trim()&&o!==t.title} onYes=${r=>e(Xe,{title:o,expectedVersion:i,reason:r})} onClose=${n}>
    <label class="field">${v("new.titleField")}<input name="title" data-first dir="auto" autocomplete="off" maxlength=${Je.limits.titleLength} value=${o} onInput=${({target:r})=>s(r.value)} /></label>
  <//>`}function Ze({title:t,yes:e,isReady:n,onYes:o,onClose:s,children:i}){let[r,a]=q(""),[c,d]=q([]),[$,b]=q(!1);return U`<${Wt} title=${t} onClose=${s}>
    <form class="fields" onSubmit=${async u=>{u.preventDefault(),b(!0);let m=await o(r.trim()||null);b(!1),m.length?d(m):s()}}>
      ${i}
      <label class="field">${v("discussion.reason")}<input name="reason" maxlength=${tn} dir=${r?"auto":null} autocomplete="off" value=${r} onInput=${({target:u})=>a(u.value)} /></label>
      <${Qt} errors=${c} />
      <footer>
        <button type="button" onClick=${s}>${v("page.cancel")}</button>
        <button type="submit" class="primary" disabled=${$||!n}>${e}</button>
      </footer>
    </form>
  <//>`}import{Follower as rn,Icon as an,Observable as ln,connection as et,formatNumber as cn,html as tt,moderatePath as un,session as ot,t as nt,useEffect as dn,useMemo as $n,useObservables as pn}from"./app.js";var mn=100,fe=class extends ln{ids=new Set;hasMore=!1;#n=null;#o=!1;async open(){try{let e=await this.#s();if(this.#o||et.hasFewConnections)return;this.#n=new rn(et,{query:Ne,field:"moderationEvents",cursor:e,handle:n=>this.#t(n),resync:()=>this.#s()})}catch(e){console.info("The open items could not be counted:",e.message)}}close(){this.#o=!0,this.#n?.stop()}async#s(){let{moderationCursor:e,reviewQueue:n}=await ot.execute(De,{first:mn});return this.ids=new Set(n.nodes.map(({id:o})=>o)),this.hasMore=n.pageInfo.hasNextPage,this.notify(),e}#t(e){for(let{reviewItem:n}of e)n?.state==="OPEN"?this.ids.add(n.id):n&&this.ids.delete(n.id);this.notify()}};function fn({isCurrent:t}){let e=ot.viewer.user.id,n=$n(()=>new fe,[e]);pn(n),dn(()=>(n.open(),()=>n.close()),[n]);let o=n.ids.size;return tt`<a class="button moderate-link" href=${un()} aria-current=${t?"page":null} data-open=${o}>
    <${an} name="shield" /><span class="moderate-word">${nt("moderation.link")}</span>
    ${o>0&&tt`<span class="open-count" aria-hidden="true">${cn(o)}${n.hasMore&&"+"}</span><span class="unseen">${nt("moderation.waiting",{count:o,isExact:!n.hasMore})}</span>`}
  </a>`}import{html as Ht,moderatePath as bs,site as gs,t as de,useEffect as ys}from"./app.js";import{AsOf as An,ConnectionBadge as Un,Errors as dt,Icon as Ln,Nothing as Bn,PersonField as lt,Skeleton as qn,asErrors as Hn,html as A,moderatePath as Fn,router as Gn,session as Yn,t as O,useEffect as Vn,useLayoutEffect as jn,useMemo as Kn,useObservables as Wn,useState as Qn}from"./app.js";import{Follower as hn,Observable as bn,asErrors as gn,connection as yn,session as st}from"./app.js";var En=30,wn=1500;function H({total:t,done:e,skipped:n}){return t!==null&&(e??0)+(n??0)<t}var oe=class extends bn{nodes=[];errors=[];hasMore=!1;isLoading=!0;follower=null;waiting=[];#n;#o;#s=null;#t=null;#e=0;constructor(e,n){super(),this.#n=e,this.#o=n}async open(){this.close();let e=this.#e,n=await this.#r(null);n===null||e!==this.#e||(this.follower=new hn(yn,{query:Le,field:"moderationEvents",cursor:n,handle:o=>this.#i(o),resync:()=>this.#r(null)}),this.notify())}close(){this.#e+=1,clearTimeout(this.#t),this.follower?.stop(),this.follower=null}async more(){!this.isLoading&&this.hasMore&&await this.#r(this.#s)}show(){this.nodes=[...this.waiting,...this.nodes],this.waiting=[],this.#l(),this.notify()}undone(e){this.#c([e]),this.show()}async#r(e){let n=this.#e;this.isLoading=!0,this.errors=[],this.notify();try{let{moderationCursor:o,auditLog:s}=await st.execute(Ue,{filter:this.#n,first:En,after:e});return n!==this.#e?null:(e||(this.waiting=[]),this.nodes=e?[...this.nodes,...s.nodes]:s.nodes,this.hasMore=s.pageInfo.hasNextPage,this.#s=s.pageInfo.endCursor,this.#l(),o)}catch(o){return this.errors=gn(o),null}finally{this.isLoading=!1,this.notify()}}#i(e){this.#c(e.map(({entry:n})=>n).filter(Boolean)),this.notify()}#c(e){for(let n of e)n.undoes&&this.#a({id:n.undoes.id,canUndo:!1,undoneBy:{id:n.id}}),[...this.waiting,...this.nodes].some(({id:s})=>s===n.id)?this.#a(n):this.#o(n)&&(this.waiting=[n,...this.waiting])}#a(e){let n=o=>o.id===e.id?{...o,...e}:o;this.nodes=this.nodes.map(n),this.waiting=this.waiting.map(n)}#l(){clearTimeout(this.#t);let e=this.nodes.filter(H).map(({id:o})=>o);if(!e.length)return;let n=this.#e;this.#t=setTimeout(async()=>{try{let{nodes:o}=await st.execute(Z,{ids:e});if(n!==this.#e)return;for(let s of o.filter(Boolean))this.#a(s);this.notify()}catch(o){console.info("The progress could not be read:",o.message)}n===this.#e&&this.#l()},wn)}};import{Avatar as Rn,Timestamp as rt,discussionPath as Dn,html as I,moderatePath as Nn,postPath as Mn,t as P}from"./app.js";import{Errors as vn,Icon as Sn,asErrors as In,html as Pn,newKey as On,notices as kn,session as Cn,t as he,useState as it}from"./app.js";function j({entry:t,onUndone:e=()=>{}}){let[n,o]=it([]),[s,i]=it(!1);return!t?.canUndo||t.undoneBy?null:Pn`<button type="button" class="small" data-action="undo" disabled=${s} onClick=${async()=>{i(!0);try{let{auditEntry:a,errors:c}=(await Cn.execute(Ae,{input:{auditEntryId:t.id,clientMutationId:On()}})).undo;o(c.map(d=>d.code==="CONFLICT"?{...d,code:"UNDO_CONFLICT",message:he("moderation.undoConflict")}:d)),a&&(kn.announce(he("moderation.undone")),e(a))}catch(a){o(In(a))}i(!1)}}><${Sn} name="undo" />${he("moderation.undo")}</button>
    <${vn} errors=${n} />`}function at({entry:t,onUndone:e}){let{id:n,actor:o,at:s,action:i,reason:r,undoes:a,undoneBy:c}=t;return I`<li class="entry" id=${`entry-${n}`} data-action=${i} data-entry=${n}>
    <${Rn} user=${o} size="small" />
    <div class="entry-body">
      <p>${xn(t)}</p>
      ${r&&I`<p class="hint" dir="auto">${P("post.reason",{reason:I`<bdi>${r}</bdi>`})}</p>`}
      <p class="hint when"><${rt} at=${s} />${a&&I`<span>${P("log.undoes",{time:I`<${rt} at=${a.at} />`})}</span>`}${c&&I`<span class="undone">${P("log.wasUndone")}</span>`}</p>
      <${be} entry=${t} />
    </div>
    <${j} entry=${t} onUndone=${e} />
  </li>`}function be({entry:t}){let{total:e,done:n,skipped:o}=t;if(e===null)return null;if(!H(t))return I`<p class="hint" role="status" data-done=${n}>${P("log.done",{count:n??0})}${o>0&&I` ${P("log.skipped",{count:o})}`}</p>`;let s=(n??0)+(o??0);return I`<label class="progress hint">${P("log.underWay",{done:s,total:e})}<progress max=${e} value=${s}></progress></label>`}function xn(t){let{action:e,actor:n,user:o,discussion:s,post:i,category:r,held:a}=t,c=$=>I`<a class="name" href=${Nn("people",{person:$.handle})}><bdi>${$.name}</bdi></a>`,d={actor:n?c(n):P("log.system"),user:o?c(o):P("page.formerMember"),discussion:Tn(s??i?.discussion??a?.discussion,a),category:r?I`<bdi>${r.name}</bdi>`:P("log.gone"),post:i?_n(i):P("log.aPost")};return e==="UNSUSPEND_USER"&&!n?P("log.suspensionOver",{user:d.user}):P(`log.${e}`,d)}function Tn(t,e){return t?I`<a href=${Dn(t)}><bdi>${t.title}</bdi></a>`:e?.title?I`<bdi>${e.title}</bdi>`:P("log.gone")}function _n(t){let{sequence:e,discussion:n}=t,o=n?I`<a href=${Mn(t)}><bdi>${n.title}</bdi></a>`:P("log.gone");return I`<span>${P(e?"log.reply":"log.opening",{number:e??0,title:o})}</span>`}var ct={decisions:["PUBLISH","REJECT","DISMISS"],deletions:["DELETE_POST","RESTORE_POST","DELETE_DISCUSSION","RESTORE_DISCUSSION","REMOVE_POSTS","RESTORE_POSTS"],discussions:["LOCK_DISCUSSION","UNLOCK_DISCUSSION","PIN_DISCUSSION","UNPIN_DISCUSSION","MOVE_DISCUSSION","RETITLE_DISCUSSION"],people:["SUSPEND_USER","UNSUSPEND_USER","SET_ROLE","PREMODERATE_USER"],categories:["ADD_CATEGORY","EDIT_CATEGORY"]};function $t({given:t}){let e=ct[t.acts]??null,n=ut(t.by??""),o=ut(t.person??""),s=i=>Gn.go(Fn("log",{...t,...i}),{instead:!0});return A`<section class="log" aria-labelledby="log-title">
    <h2 id="log-title" class="unseen">${O("moderation.log")}</h2>
    <form class="log-filters" aria-label=${O("log.filters")} onSubmit=${i=>i.preventDefault()}>
      <label class="field">${O("log.acts")}
        <select value=${t.acts??""} onChange=${({target:i})=>s({acts:i.value})}>
          <option value="">${O("list.all")}</option>
          ${Object.keys(ct).map(i=>A`<option key=${i} value=${i}>${O(`log.acts_${i}`)}</option>`)}
        </select>
      </label>
      <${lt} id="log-by" label=${O("log.by")} placeholder=${O("search.anybody")} handle=${t.by??""} choose=${i=>s({by:i})} />
      <${lt} id="log-person" label=${O("log.about")} placeholder=${O("search.anybody")} handle=${t.person??""} choose=${i=>s({person:i})} />
    </form>
    <${dt} errors=${[...n.errors,...o.errors]} />
    ${!n.isLoading&&!o.isLoading&&A`<${Xn} key=${JSON.stringify([t,n.id,o.id])} actions=${e} actorId=${n.id} userId=${o.id} />`}
  </section>`}function Xn({actions:t,actorId:e,userId:n}){let o=Kn(()=>{let $=Object.fromEntries(Object.entries({actions:t,actorId:e,userId:n}).filter(([,l])=>l)),b=l=>(!t||t.includes(l.action))&&(!e||l.actor?.id===e)&&(!n||l.user?.id===n);return new oe($,b)},[]);Wn(o),jn(()=>(o.open(),()=>o.close()),[]);let{nodes:s,errors:i,waiting:r,isLoading:a,hasMore:c,follower:d}=o;return A`<p class="status-line"><${Un} follower=${d} liveHint=${O("log.liveHint")} /><${An} follower=${d} /></p>
    <${dt} errors=${i}><button type="button" onClick=${()=>o.open()}>${O("page.tryAgain")}</button><//>
    <p role="status">${r.length>0&&A`<button type="button" class="small" data-action="show-pending" onClick=${()=>o.show()}><${Ln} name="up" />${O("log.show",{count:r.length})}</button>`}</p>
    <ul class="list entries" aria-busy=${a}>
      ${s.map($=>A`<${at} key=${$.id} entry=${$} onUndone=${b=>o.undone(b)} />`)}
    </ul>
    ${a&&!s.length&&A`<${qn} />`}
    ${!a&&!s.length&&!i.length&&A`<${Bn} icon="list" title=${O("log.nothing")} />`}
    ${c&&A`<div class="sentinel"><button type="button" class="quiet" data-action="more" onClick=${()=>o.more()}>${O("list.more")}</button></div>`}`}function ut(t){let[e,n]=Qn({handle:"",id:null,errors:[]});return Vn(()=>{if(!t)return n({handle:t,id:null,errors:[]});let o=!0;return Yn.execute(ee,{handle:t}).then(({user:s})=>o&&n({handle:t,id:s?.id??null,errors:s?[]:[{code:"NO_SUCH_PERSON",message:O("user.missing",{handle:`@${t}`})}]}),s=>o&&n({handle:t,id:null,errors:Hn(s)})),()=>o=!1},[t]),{...e,isLoading:e.handle!==t}}import{Category as zn,Errors as yt,Icon as se,Nothing as Jn,Skeleton as Zn,asErrors as pt,html as k,newKey as eo,notices as mt,session as ft,site as to,t as w,useEffect as no,useState as K}from"./app.js";var oo=80,so=400;function Et(){let[t,e]=K(null),[n,o]=K([]),[s,i]=K(null),[r,a]=K(!1),c=()=>{o([]),ft.execute(Ve).then(({categories:{nodes:l}})=>e(l),l=>o(pt(l)))};no(c,[]);let d=async(l,u)=>{a(!0);try{let{written:m}=await ft.execute(l,{input:{clientMutationId:eo(),...u}}),{category:h}=m;return h&&(e(S=>io([...S.filter(({id:x})=>x!==h.id),h])),to.replaceCategory(h.id,h)),m.errors}catch(m){return pt(m)}finally{a(!1)}},$=async(l,u)=>{let m=l?await d(me,{categoryId:l.id,...u}):await d(je,{...u,position:t.length?Math.max(...t.map(({position:h})=>h))+1:0});return m.length||(i(null),mt.announce(w(l?"categories.saved":"categories.added",{name:u.name})),gt(l?`[data-category="${l.slug}"] [data-action="edit"]`:'[data-action="add"]')),m},b=async(l,u)=>{let m=[...t],[h]=m.splice(l,1);m.splice(l+u,0,h),o([]);for(let[S,x]of m.entries()){if(x.position===S)continue;let E=await d(me,{categoryId:x.id,position:S});if(E.length){o(E);break}}mt.announce(w("categories.moved",{name:h.name,place:l+u+1})),gt(`[data-category="${h.slug}"] [data-action="${u<0?"up":"down"}"]:not(:disabled), [data-category="${h.slug}"] [data-action="edit"]`)};return k`<section class="categories" aria-labelledby="categories-title">
    <h2 id="categories-title" class="unseen">${w("moderation.categories")}</h2>
    <${yt} errors=${n}>${!t&&k`<button type="button" onClick=${c}>${w("page.tryAgain")}</button>`}<//>
    ${!t&&!n.length&&k`<${Zn} />`}
    ${t?.length===0&&k`<${Jn} icon="list" title=${w("categories.none")}><p>${w("categories.noneHint")}</p><//>`}
    ${t&&k`<ol class="list">
      ${t.map((l,u)=>k`<li key=${l.id} class="category-row" data-category=${l.slug}>
        ${s===l.id?k`<${ht} category=${l} isBusy=${r} save=${m=>$(l,m)} close=${()=>i(null)} />`:k`<div class="category-body">
              <p><${zn} category=${l} />${l.premoderated&&k`<span class="chip small">${w("categories.held")}</span>`}</p>
              ${l.description&&k`<p class="hint" dir="auto">${l.description}</p>`}
            </div>
            <div class="category-acts">
              <button type="button" class="quiet square" data-action="up" aria-label=${w("categories.up",{name:l.name})} disabled=${r||u===0} onClick=${()=>b(u,-1)}><${se} name="up" /></button>
              <button type="button" class="quiet square" data-action="down" aria-label=${w("categories.down",{name:l.name})} disabled=${r||u===t.length-1} onClick=${()=>b(u,1)}><${se} name="down" /></button>
              <button type="button" class="quiet square" data-action="edit" aria-label=${w("categories.edit",{name:l.name})} onClick=${()=>i(l.id)}><${se} name="edit" /></button>
            </div>`}
      </li>`)}
    </ol>`}
    ${t&&(s===""?k`<${ht} category=${null} isBusy=${r} save=${l=>$(null,l)} close=${()=>i(null)} />`:k`<p><button type="button" class="primary" data-action="add" onClick=${()=>i("")}><${se} name="plus" />${w("categories.add")}</button></p>`)}
  </section>`}function ht({category:t,isBusy:e,save:n,close:o}){let[s,i]=K({name:t?.name??"",slug:"",description:t?.description??"",premoderated:t?.premoderated??!1}),[r,a]=K([]),c=$=>i(b=>({...b,...$})),d=async $=>{$.preventDefault();let{slug:b,...l}=s;a(await n(t?l:{...l,slug:b.trim()||bt(l.name)}))};return k`<form class="fields card" aria-label=${t?w("categories.edit",{name:t.name}):w("categories.add")} onSubmit=${d}>
    <label class="field">${w("categories.name")}<input name="name" required maxlength=${oo} dir=${s.name?"auto":null} autocomplete="off" value=${s.name} onInput=${({target:$})=>c({name:$.value})} /></label>
    ${!t&&k`<label class="field">${w("categories.slug")}<input name="slug" autocapitalize="none" autocomplete="off" spellcheck=${!1} dir="ltr" placeholder=${bt(s.name)} value=${s.slug} onInput=${({target:$})=>c({slug:$.value})} /></label>`}
    <label class="field">${w("categories.description")}<input name="description" maxlength=${so} dir=${s.description?"auto":null} autocomplete="off" value=${s.description} onInput=${({target:$})=>c({description:$.value})} /></label>
    <label class="check"><input type="checkbox" name="premoderated" checked=${s.premoderated} onChange=${({target:$})=>c({premoderated:$.checked})} /><span>${w("categories.hold")}<small>${w("categories.holdHint")}</small></span></label>
    <${yt} errors=${r} />
    <footer>
      <button type="button" onClick=${o}>${w("page.cancel")}</button>
      <button type="submit" class="primary" disabled=${e||!s.name.trim()}>${w(t?"edit.save":"categories.add")}</button>
    </footer>
  </form>`}function bt(t){return(t.normalize("NFC").toLowerCase().match(/[\p{L}\p{N}\p{M}]+/gu)??[]).join("-")}function io(t){return t.sort((e,n)=>e.position-n.position||Number(e.id.slice(2))-Number(n.id.slice(2)))}function gt(t){setTimeout(()=>document.querySelector(t)?.focus(),0)}import{Avatar as Eo,Errors as It,Nothing as Pt,PersonField as wo,Skeleton as vo,Timestamp as St,asErrors as Ot,html as y,language as kt,moderatePath as Ct,newKey as So,notices as Io,router as Po,session as we,t as f,useEffect as Oo,useState as L,userPath as ko}from"./app.js";import{Errors as ro,Icon as ao,asErrors as lo,html as N,language as co,newKey as uo,session as wt,t as C,useEffect as $o,useRef as po,useState as F}from"./app.js";var mo=500,fo=1e3,ge=36e5,ye={hour:ge,day:24*ge,week:168*ge,ever:null};function vt({person:t}){let[e,n]=F(!1),[o,s]=F("day"),[i,r]=F(""),[a,c]=F(null),[d,$]=F(null),[b,l]=F([]),[u,m]=F(!1);bo(d,$);let h=async E=>{m(!0),l([]);try{let{removePosts:R}=await wt.execute(Ye,{input:{authorId:t.id,reason:i.trim()||null,...E}});return l(R.errors),R.errors.length?null:R}catch(R){return l(lo(R)),null}finally{m(!1)}},S=async E=>{E.preventDefault();let R=ye[o]===null?t.createdAt:new Date(Date.now()-ye[o]).toISOString(),T=await h({since:R,dryRun:!0});T&&c({...T,since:R})},x=async()=>{let E=await h({since:a.since,dryRun:!1,clientMutationId:uo()});E&&(c(null),$(E.auditEntry))};if(d){let E=d.action==="REMOVE_POSTS",[R,T]=E?["removal.begun","removal.finished"]:["removal.restoring","removal.restored"];return N`<section class="card fields" data-removal=${d.id}>
      <p>${C(H(d)?R:T,{name:N`<bdi>${t.name}</bdi>`})}</p>
      <${be} entry=${d} />
      ${!H(d)&&N`<${j} entry=${d} onUndone=${$} />`}
    </section>`}return e?N`<form class="fields card" aria-label=${C("removal.title")} onSubmit=${S}>
    <label class="field">${C("removal.since")}
      <select value=${o} onChange=${({target:E})=>(s(E.value),c(null))}>
        ${Object.keys(ye).map(E=>N`<option key=${E} value=${E}>${C(`removal.since_${E}`)}</option>`)}
      </select>
    </label>
    <label class="field">${C("removal.reason")}<input type="text" name="reason" maxlength=${mo} dir=${i?"auto":null} autocomplete="off" value=${i} onInput=${({target:E})=>r(E.value)} /></label>
    <${ro} errors=${b} />
    ${a&&N`<${ho} counted=${a} />`}
    <footer>
      <button type="button" onClick=${()=>(n(!1),c(null))}>${C("page.cancel")}</button>
      ${a&&a.posts+a.discussions>0?N`<button type="button" class="danger" data-action="remove" disabled=${u} onClick=${x}><${ao} name="trash" />${C("removal.remove")}</button>`:N`<button type="submit" class="primary" disabled=${u}>${C("removal.count")}</button>`}
    </footer>
  </form>`:N`<p><button type="button" data-action="remove-posts" onClick=${()=>n(!0)}>${C("removal.title")}</button> <small class="hint">${C("removal.hint")}</small></p>`}function ho({counted:{posts:t,discussions:e,repliesOfOthers:n,since:o}}){let s=new Intl.DateTimeFormat(co,{dateStyle:"medium",timeStyle:"short"}).format(new Date(o));return N`<div class="notice" role="status" data-counted=${t}>
    <p>${C("removal.from",{time:s})}</p>
    <ul>
      <li>${C("removal.posts",{count:t})}</li>
      <li>${C("removal.discussions",{count:e})}</li>
      ${n>0&&N`<li>${C("removal.ofOthers",{count:n})}</li>`}
    </ul>
  </div>`}function bo(t,e){let n=po(t);n.current=t;let o=!!(t&&H(t));$o(()=>{if(!o)return;let s=setInterval(async()=>{try{let{nodes:i}=await wt.execute(Z,{ids:[n.current.id]});i[0]&&e(i[0])}catch(i){console.info("The progress could not be read:",i.message)}},fo);return()=>clearInterval(s)},[o,t?.id])}import{html as X,t as ie,useState as go}from"./app.js";var yo=864e5,Ee={day:1,week:7,month:30};function re({choice:t,date:e},n=Date.now()){return t in Ee?new Date(n+Ee[t]*yo).toISOString():t==="date"&&e?new Date(`${e}T23:59:59`).toISOString():null}function ae({label:t,first:e=null,hasNoEnd:n=!0,value:o,choose:s}){let[i]=go(()=>new Date().toISOString().slice(0,10));return X`<label class="field">${t}
      <select data-until value=${o.choice} onChange=${({target:r})=>s({...o,choice:r.value})}>
        ${e&&X`<option value="">${e}</option>`}
        ${Object.keys(Ee).map(r=>X`<option key=${r} value=${r}>${ie(`moderation.for_${r}`)}</option>`)}
        <option value="date">${ie("moderation.for_date")}</option>
        ${n&&X`<option value="never">${ie("moderation.for_ever")}</option>`}
      </select>
    </label>
    ${o.choice==="date"&&X`<label class="field">${ie("moderation.until")}<input type="date" required min=${i} value=${o.date} onInput=${({target:r})=>s({...o,date:r.value})} /></label>`}`}var Co=500,Ro=t=>new Intl.DateTimeFormat(kt,{month:"short",year:"numeric"}).format(new Date(t));function Rt({given:t}){let e=t.person??"";return y`<section class="people" aria-labelledby="people-title">
    <h2 id="people-title" class="unseen">${f("moderation.people")}</h2>
    <div class="find"><${wo} id="find-person" label=${f("people.find")} placeholder=${f("people.nameOrHandle")} handle=${e} choose=${n=>Po.go(Ct("people",{person:n}))} /></div>
    ${e?y`<${Do} key=${e} handle=${e} />`:y`<${Pt} icon="people" title=${f("people.nobody")}><p>${f("people.nobodyHint")}</p><//>`}
  </section>`}function Do({handle:t}){let[e,n]=L(void 0),[o,s]=L([]),i=()=>{s([]),we.execute(ee,{handle:t}).then(({user:r})=>n(r),r=>s(Ot(r)))};return Oo(i,[]),o.length?y`<${It} errors=${o}><button type="button" onClick=${i}>${f("page.tryAgain")}</button><//>`:e===void 0?y`<${vo} />`:e===null?y`<${Pt} icon="people" title=${f("user.missing",{handle:`@${t}`})}><p>${f("user.missingHint")}</p><//>`:y`<${No} person=${e} setPerson=${n} />`}function No({person:t,setPerson:e}){let{name:n,handle:o,isGuest:s,createdAt:i,replies:r,discussions:a,suspension:c,premoderated:d,role:$}=t,b=t.id===we.viewer?.user.id,l=$==="MODERATOR",[u,m]=L([]),[h,S]=L(!1),[x,E]=L(null),R=async({target:{checked:_}})=>{E(_),await T(Ge,{premoderated:_},f(_?"people.nowPremoderated":"people.notPremoderated",{name:n})),E(null)},T=async(_,$e,Gt)=>{S(!0);let W=[];try{let{written:Q}=await we.execute(_,{input:{userId:t.id,clientMutationId:So(),...$e}});W=Q.errors,Q.user&&e(Q.user)}catch(Q){W=Ot(Q)}return m(W),S(!1),W.length||Io.announce(Gt),!W.length},Re=({totalCount:_,totalCountIsExact:$e})=>({count:_,isExact:$e});return y`<article class="member" data-person=${o}>
    <header>
      <${Eo} user=${t} size="huge" />
      <div>
        <h3><a href=${ko(t)}><bdi>${n}</bdi></a></h3>
        <p class="hint"><bdi>@${o}</bdi><span>${f("user.since",{month:Ro(i)})}</span><span>${f("thread.replies",Re(r))}</span><span>${f("user.discussions",Re(a))}</span></p>
        <p class="badges">
          <span class="standing" data-role=${l?"MODERATOR":"MEMBER"}>${f(l?"roles.moderator":s?"roles.guest":"people.member")}</span>
          ${c&&y`<span class="standing" data-state="suspended">${f("people.suspended")}</span>`}
          ${d&&y`<span class="standing" data-state="premoderated">${f("people.premoderated")}</span>`}
        </p>
      </div>
    </header>
    <${It} errors=${u} />
    ${c&&y`<${Mo} suspension=${c} isBusy=${h} end=${()=>T(He,{},f("people.unsuspended",{name:n}))} />`}
    ${!c&&!b&&y`<${To} name=${n} isBusy=${h} suspend=${_=>T(qe,_,f("people.nowSuspended",{name:n}))} />`}
    <section class="acts">
      <label class="check"><input type="checkbox" data-action="premoderate" checked=${x??d} disabled=${h} onChange=${R} />
        <span>${f("people.premoderate")}<small>${f("people.premoderateHint")}</small></span></label>
      ${!b&&!s&&y`<p><button type="button" data-action="role" disabled=${h} onClick=${()=>T(Fe,{role:l?"MEMBER":"MODERATOR"},f(l?"people.nowMember":"people.nowModerator",{name:n}))}>${f(l?"people.makeMember":"people.makeModerator")}</button>
        <small class="hint">${f(l?"people.makeMemberHint":"people.makeModeratorHint")}</small></p>`}
    </section>
    ${!b&&y`<${vt} person=${t} />`}
    <p><a class="button quiet" href=${Ct("log",{person:o})}>${f("people.log")}</a></p>
  </article>`}function Mo({suspension:{reason:t,until:e,at:n,by:o},isBusy:s,end:i}){return y`<section class="notice suspension" data-suspended>
    <p>${e?f("people.suspendedUntil",{time:y`<${xo} at=${e} />`}):f("people.suspendedForGood")}
      ${t&&y` ${f("post.reason",{reason:y`<bdi>${t}</bdi>`})}`}</p>
    <p class="hint">${o?f("people.suspendedBy",{name:y`<bdi>${o.name}</bdi>`,time:y`<${St} at=${n} />`}):y`<${St} at=${n} />`}</p>
    <button type="button" class="small" data-action="unsuspend" disabled=${s} onClick=${i}>${f("people.endSuspension")}</button>
  </section>`}function xo({at:t}){return y`<time datetime=${t}>${new Intl.DateTimeFormat(kt,{dateStyle:"long",timeStyle:"short"}).format(new Date(t))}</time>`}function To({name:t,isBusy:e,suspend:n}){let[o,s]=L(!1),[i,r]=L(""),[a,c]=L({choice:"week",date:""}),d=async $=>{$.preventDefault(),await n({reason:i.trim()||null,until:re(a)})&&s(!1)};return o?y`<form class="fields card" aria-label=${f("people.suspend")} onSubmit=${d}>
    <label class="field">${f("people.reason",{name:t})}<input type="text" name="reason" maxlength=${Co} dir=${i?"auto":null} autocomplete="off" value=${i} onInput=${({target:$})=>r($.value)} /></label>
    <${ae} label=${f("people.howLong")} value=${a} choose=${c} />
    <footer>
      <button type="button" onClick=${()=>s(!1)}>${f("page.cancel")}</button>
      <button type="submit" class="danger" disabled=${e}>${f("people.suspend")}</button>
    </footer>
  </form>`:y`<p><button type="button" data-action="suspend" onClick=${()=>s(!0)}>${f("people.suspend")}</button> <small class="hint">${f("people.suspendHint")}</small></p>`}import{AsOf as ns,ConnectionBadge as os,Errors as ss,Nothing as is,Skeleton as rs,advice as _t,html as M,moderatePath as as,notices as ue,t as D,useEffect as At,useLayoutEffect as ls,useMemo as cs,useObservables as us,useRef as ds,useShortcuts as $s,useState as Lt}from"./app.js";import{Dialog as _o,Errors as Ao,html as Dt,t as G,useState as le}from"./app.js";var Uo=500;function Nt({item:t,action:e,onYes:n,onClose:o}){let[s,i]=le(""),[r,a]=le({choice:"",date:""}),[c,d]=le([]),[$,b]=le(!1),l=e==="PUBLISH"||e==="DISMISS",u=async m=>{m.preventDefault(),b(!0);let h=await n({reason:s.trim()||null,suspendAuthorUntil:re(r)});b(!1),h.length?d(h):o()};return Dt`<${_o} title=${G(`moderation.ask_${e}`)} onClose=${o}>
    <form class="fields" onSubmit=${u}>
      <p>${G(`moderation.means_${e}`)}</p>
      <label class="field">${G("moderation.reason")}
        <input type="text" name="reason" maxlength=${Uo} dir=${s?"auto":null} autocomplete="off" data-first value=${s} onInput=${({target:m})=>i(m.value)} />
      </label>
      ${!l&&t.author&&Dt`<${ae} label=${G("moderation.alsoSuspend",{name:t.author.name})} first=${G("moderation.notSuspended")} hasNoEnd=${!1} value=${r} choose=${a} />`}
      <${Ao} errors=${c} />
      <footer>
        <button type="button" onClick=${o}>${G("page.cancel")}</button>
        <button type="submit" class=${l?"primary":"danger"} disabled=${$}>${G(`moderation.${e}`)}</button>
      </footer>
    </form>
  <//>`}import{Author as Mt,Avatar as Lo,Icon as z,Menu as Bo,PostBody as qo,Timestamp as Se,discussionPath as Ho,html as p,memo as Fo,moderatePath as Go,postPath as ve,session as xt,t as g}from"./app.js";var Ie={PUBLISH:{kind:"HELD",key:"p",icon:"check",className:"primary"},REJECT:{kind:"HELD",key:"r",icon:"close",className:""},DISMISS:{kind:"REPORTED",key:"d",icon:"check",className:""},DELETE_POST:{kind:"REPORTED",key:"x",icon:"trash",className:"danger"}},Tt=Fo(function({item:e,isNew:n,isConflict:o,entry:s,act:i,claim:r}){let{id:a,kind:c,state:d,author:$,createdAt:b}=e,l=d==="OPEN";return p`<article class=${`review card ${n?"fresh":""}`} tabindex="-1" data-review=${a} data-kind=${c} data-state=${d} aria-label=${Yo(e)}>
    <header>
      <${Lo} user=${$} />
      <p class="byline">
        <${Mt} user=${$} />
        <span class="when"><${Se} at=${b} /></span>
        <${jo} item=${e} />
      </p>
      <${Vo} item=${e} />
    </header>
    <${Ko} item=${e} />
    <${Wo} item=${e} />
    ${o&&p`<p class="notice" role="alert">${g(l?"moderation.changedMeanwhile":"moderation.decidedMeanwhile")}</p>`}
    <footer>${l?p`<${Qo} item=${e} act=${i} claim=${r} />`:p`<${Xo} item=${e} entry=${s} />`}</footer>
  </article>`});function Yo({kind:t,author:e}){return g(`moderation.label_${t}`,{name:e?.name??g("page.formerMember")})}function Vo({item:{kind:t,reportCount:e,held:n}}){return t==="REPORTED"?p`<p class="why" data-kind="REPORTED"><${z} name="flag" />${g("moderation.reported",{count:e})}</p>`:p`<p class="why" data-kind="HELD"><${z} name="clock" />${g(`moderation.held_${n?.kind??"REPLY"}`)}</p>`}function jo({item:{post:t,held:e}}){if(t){let{discussion:n,sequence:o}=t;return p`<span class="where">${g(o?"moderation.replyIn":"moderation.openingOf",{number:o??0,title:p`<a href=${ve(t)}><bdi>${n.title}</bdi></a>`})}</span>`}return e?.edits?p`<span class="where">${g("moderation.editIn",{title:p`<a href=${ve(e.edits)}><bdi>${e.edits.discussion.title}</bdi></a>`})}</span>`:e?.discussion?p`<span class="where">${g("moderation.newReplyIn",{title:p`<a href=${Ho(e.discussion)}><bdi>${e.discussion.title}</bdi></a>`})}</span>`:e?.category?p`<span class="where">${g("moderation.inCategory",{name:p`<bdi>${e.category.name}</bdi>`})}</span>`:null}function Ko({item:{post:t,held:e,body:n,title:o,postVersion:s}}){let i=e?.title??o;return p`<div class="review-words">
    ${i&&p`<h3 dir="auto">${i}</h3>`}
    ${e?p`<${qo} bodyHtml=${e.bodyHtml} />`:n!==null&&p`<p class="as-typed" dir="auto">${n}</p>`}
    ${e&&e.reasons.length>0&&p`<p class="hint">${e.reasons.map(r=>p`<span key=${r} class="chip small">${g(`moderation.why_${r}`)}</span>`)}</p>`}
    ${t?.state==="DELETED"&&p`<p class="hint">${g(`moderation.gone_${t.deletion?.by??"AUTHOR"}`)}</p>`}
    ${t?.state==="VISIBLE"&&s!==null&&t.version>s&&p`<p class="hint">${g("moderation.editedSince",{version:s,now:t.version})}</p>`}
  </div>`}function Wo({item:{reports:t,reportCount:e}}){let{nodes:n}=t;return n.length?p`<ul class="reports" aria-label=${g("moderation.reports")}>
    ${n.map(({id:o,reporter:s,reason:i,note:r,at:a})=>p`<li key=${o}>
      <strong>${g(`report.${i}`)}</strong> ${r&&p`<q><bdi>${r}</bdi></q>${" "}`}
      <span class="hint"><${Mt} user=${s} /> <${Se} at=${a} /></span>
    </li>`)}
    ${e>n.length&&p`<li class="hint">${g("moderation.moreReports",{count:e-n.length})}</li>`}
  </ul>`:null}function Qo({item:t,act:e,claim:n}){let{author:o,claimedBy:s,claimedUntil:i}=t,r=s&&Date.parse(i)>Date.now(),a=r&&s.id===xt.viewer?.user.id,c=Object.entries(Ie).filter(([,{kind:$}])=>$===t.kind),[d]=c[0];return p`<div class="review-actions">
      ${c.map(([$,{key:b,icon:l,className:u}])=>p`<button key=${$} type="button" class=${u} data-action=${$} aria-keyshortcuts=${b} onClick=${()=>e(t,$)}>
        <${z} name=${l} />${g(`moderation.${$}`)} <kbd aria-hidden="true">${b}</kbd>
      </button>`)}
      <${Bo} className="quiet square" action="more" label=${g("post.moreActions")} button=${p`<${z} name="more" />`}>
        <button type="button" data-action="with-reason" onClick=${()=>e(t,d,{asks:!0})}>${g(`moderation.withReason_${d}`)}</button>
        <button type="button" data-action="claim" onClick=${()=>n(t,a)}>${g(a?"moderation.release":"moderation.claim")} <kbd aria-hidden="true">c</kbd></button>
        ${o&&p`<a class="button" href=${Go("people",{person:o.handle})}>${g("moderation.aboutAuthor")}</a>`}
      <//>
    </div>
    ${r&&p`<p class="claimed hint">${a?g("moderation.claimedByYou"):g("moderation.claimedBy",{name:p`<bdi>${s.name}</bdi>`})}</p>`}`}function Xo({item:{decision:t,post:e,held:n},entry:o}){if(!t)return p`<p class="decided">${g(n?.state==="WITHDRAWN"?"moderation.withdrawn":"moderation.closed")}</p>`;let{action:s,by:i,reason:r,at:a}=t,c=i?.id===xt.viewer?.user.id?g("moderation.you"):p`<bdi class="name">${i?.name??g("page.formerMember")}</bdi>`;return p`<p class="decided" role="status">
      <${z} name="check" /><span>${g(`moderation.decided_${s}`,{name:c})} <span class="hint"><${Se} at=${a} /></span></span>
      ${r&&p`<span>${g("post.reason",{reason:p`<bdi>${r}</bdi>`})}</span>`}
    </p>
    <${j} entry=${o} />
    ${e?.state==="VISIBLE"&&p`<a class="button quiet" href=${ve(e)}>${g("moderation.open")}</a>`}`}import{Follower as zo,Observable as Jo,asErrors as Pe,connection as Zo,newKey as es,session as Oe}from"./app.js";var ts=20,ce=class extends Jo{nodes=[];errors=[];hasMore=!1;isLoading=!0;follower=null;#n=new Map;conflicts=new Set;#o;#s=null;#t=0;constructor(e){super(),this.#o={state:"OPEN",...e&&{kind:e}}}entryOf({id:e,decision:n}){return this.#n.get(`${e} ${n?.action}`)??null}get decided(){return this.nodes.filter(({state:e})=>e==="DECIDED").length}async open(){this.close();let e=this.#t,n=await this.#e(null);n===null||e!==this.#t||(this.follower=new zo(Zo,{query:xe,field:"moderationEvents",cursor:n,handle:o=>this.#r(o),resync:()=>this.#e(null)}),this.notify())}close(){this.#t+=1,this.follower?.stop(),this.follower=null}async more(){!this.isLoading&&this.hasMore&&await this.#e(this.#s)}clear(){this.nodes=this.nodes.filter(({state:e})=>e==="OPEN"),this.conflicts.clear(),this.notify()}async decide(e,{action:n,reason:o=null,suspendAuthorUntil:s=null}){let i={reviewItemId:e.id,action:n,reason:o,suspendAuthorUntil:s,expectedVersion:e.version,clientMutationId:es()};try{let{reviewItem:r,errors:a}=(await Oe.execute(Te,{input:i})).decideReview,c=a.find(d=>"current"in d)?.current;return c?this.conflicts.add(e.id):this.conflicts.delete(e.id),this.#i(r??c),this.notify(),a}catch(r){return Pe(r)}}async claim(e,n=!1){try{let{reviewItem:o,errors:s}=(await Oe.execute(_e,{input:{reviewItemId:e.id,release:n}})).claimReview;return this.#i(o),this.notify(),s}catch(o){return Pe(o)}}async#e(e){let n=this.#t;this.isLoading=!0,this.errors=[],this.notify();try{let{moderationCursor:o,reviewQueue:s}=await Oe.execute(Me,{filter:this.#o,first:ts,after:e});if(n!==this.#t)return null;e||(this.nodes=[]);for(let i of s.nodes)this.#i(i,!0);return this.hasMore=s.pageInfo.hasNextPage,this.#s=s.pageInfo.endCursor,o}catch(o){return this.errors=Pe(o),null}finally{this.isLoading=!1,this.notify()}}#r(e){for(let{reviewItem:n,entry:o}of e)if(n&&this.#i(n),o?.reviewItem&&this.#n.set(`${o.reviewItem.id} ${o.action}`,o),o?.undoes)for(let[s,i]of this.#n)i.id===o.undoes.id&&this.#n.delete(s);this.notify()}#i(e,n=!1){if(!e||this.#o.kind&&e.kind!==this.#o.kind)return;let o=this.nodes.find(({id:s})=>s===e.id);if(o){if(e.version<o.version)return;let s=e.author?{...e,body:e.body??o.body,title:e.title??o.title}:e;this.nodes=this.nodes.map(i=>i===o?s:i)}else e.state==="OPEN"&&(n||!this.hasMore)&&(this.nodes=[...this.nodes,e])}};var ke={all:null,reported:"REPORTED",held:"HELD"};function Bt({given:t}){let e=t.kind in ke?t.kind:"all",n=cs(()=>new ce(ke[e]),[e]),[o,s]=Lt(null);us(n),ls(()=>(n.open(),()=>n.close()),[n]);let i=ps(n),{nodes:r,errors:a,isLoading:c,follower:d}=n,$=async(u,m)=>{let h=await n.decide(u,m),S=h.some(x=>"current"in x);return h.length?S&&fs(u.id):(ue.announce(D(`moderation.done_${m.action}`)),hs(u.id)),S?[]:h},b=(u,m,{asks:h=m==="REJECT"||m==="DELETE_POST"}={})=>{h?(s({item:u,action:m}),u.claimedBy||n.claim(u)):$(u,{action:m}).then(S=>S.length&&ue.show(_t(S[0])))},l=(u,m)=>n.claim(u,m).then(h=>h.length&&ue.show(_t(h[0])));return ms(n,{act:b,claim:l}),M`<section class="queue" aria-labelledby="queue-title">
    <div class="queue-head">
      <h2 id="queue-title" class="unseen">${D("moderation.queue")}</h2>
      <nav class="filters" aria-label=${D("moderation.kinds")}>
        ${Object.keys(ke).map(u=>M`<a key=${u} class="chip" href=${as("queue",{kind:u==="all"?null:u})} aria-current=${u===e?"page":null}>${D(`moderation.kind_${u}`)}</a>`)}
      </nav>
      <p class="status-line list-status"><${os} follower=${d} liveHint=${D("moderation.liveHint")} /><${ns} follower=${d} /></p>
      ${n.decided>0&&M`<button type="button" class="small" data-action="clear" onClick=${()=>n.clear()}>${D("moderation.clear",{count:n.decided})}</button>`}
    </div>
    <${ss} errors=${a}><button type="button" onClick=${()=>n.open()}>${D("page.tryAgain")}</button><//>
    <div class="review-items" aria-busy=${c}>
      ${r.map(u=>M`<${Tt} key=${u.id} item=${u} isNew=${i.has(u.id)} isConflict=${n.conflicts.has(u.id)} entry=${n.entryOf(u)} act=${b} claim=${l} />`)}
    </div>
    ${c&&!r.length&&M`<${rs} />`}
    ${!c&&!r.length&&!a.length&&M`<${is} icon="check" title=${D("moderation.nothingWaits")}><p>${D("moderation.nothingHint")}</p><//>`}
    ${n.hasMore&&M`<div class="sentinel"><button type="button" class="quiet" onClick=${()=>n.more()}>${D("list.more")}</button></div>`}
    ${r.length>0&&M`<p class="queue-keys hint">${D("moderation.keys",{next:M`<kbd>j</kbd>`,previous:M`<kbd>k</kbd>`})}</p>`}
    ${o&&M`<${Nt} ...${o} onYes=${u=>$(o.item,{action:o.action,...u})} onClose=${()=>s(null)} />`}
  </section>`}function ps(t){let e=ds(null),[n]=Lt(new Set),o=t.nodes.map(({id:s})=>s);return At(()=>{e.current=null},[t]),At(()=>{if(t.isLoading)return;let s=e.current?o.filter(i=>!e.current.has(i)):[];e.current=new Set(o);for(let i of s)n.add(i);s.length&&ue.announce(D("moderation.arrived",{count:s.length}))},[o.join(),t.isLoading]),n}var qt=()=>[...document.querySelectorAll("[data-review]")],Ut=t=>t.dataset.state==="OPEN";function ms(t,{act:e,claim:n}){let o=r=>{let a=qt(),c=a.indexOf(document.activeElement.closest("[data-review]")),d=c===-1?a[r===1?0:-1]:a[c+r];if(!d)return!1;Ce(d)},s=()=>{let r=document.activeElement.closest("[data-review]"),a=r&&t.nodes.find(({id:c})=>c===r.dataset.review);return a?.state==="OPEN"?a:null},i=Object.entries(Ie).map(([r,{key:a,kind:c}])=>[a,()=>{let d=s();if(d?.kind!==c)return!1;e(d,r)}]);$s({j:()=>o(1),k:()=>o(-1),c:()=>{let r=s();if(!r)return!1;n(r,!!r.claimedBy)},...Object.fromEntries(i)})}function fs(t){setTimeout(()=>Ce(document.querySelector(`[data-review="${CSS.escape(t)}"]`)),0)}function hs(t){let e=qt(),n=e.findIndex(({dataset:s})=>s.review===t),o=e.slice(n+1).find(Ut)??e.slice(0,Math.max(n,0)).findLast(Ut);setTimeout(()=>Ce(o??document.getElementById("main")),0)}function Ce(t){t?.focus({preventScroll:!0}),"keyboard"in document.documentElement.dataset&&t?.scrollIntoView({block:"nearest",behavior:"instant"})}var Ft={queue:["moderation.queue",Bt],people:["moderation.people",Rt],log:["moderation.log",$t],categories:["moderation.categories",Et]};function Es({place:{part:t,given:e}}){let[n,o]=Ft[t];return ys(()=>{document.title=`${de(n)} · ${gs.name}`},[t]),Ht`<main id="main" class="page moderate" tabindex="-1" data-part=${t}>
    <h1>${de("moderate.title")}</h1>
    <nav class="parts" aria-label=${de("moderation.parts")}>
      ${Object.entries(Ft).map(([s,[i]])=>Ht`<a key=${s} href=${bs(s)} aria-current=${s===t?"page":null}>${de(i)}</a>`)}
    </nav>
    <${o} key=${t} given=${e} />
  </main>`}export{nn as DiscussionMenu,fn as ModerateLink,Es as ModeratePage};

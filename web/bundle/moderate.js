/* Built by scripts/bundle from web/page. The licences of its libraries are in web/vendor. */
import{Dialog as At,Errors as Ut,Icon as L,Menu as Lt,advice as Bt,asErrors as qt,html as M,newKey as Ht,notices as He,session as Ft,site as Fe,t as w,useState as T}from"./app.js";import{DISCUSSION as Mt,POST as xt}from"./app.js";var x="fragment PersonParts on User { id handle name avatarUrl }",Tt="fragment DecisionParts on Decision { action by { ...PersonParts } reason at }",V=`fragment ItemParts on ReviewItem {
  id kind state version postVersion title body reportCount createdAt updatedAt claimedUntil
  author { ...PersonParts }
  claimedBy { ...PersonParts }
  decision { ...DecisionParts }
  post {
    __typename id version state authorRole discussion { id number title }
    deletion { by } ... on Reply { sequence }
  }
  reports(first: 20) { nodes { id reason note postVersion at reporter { ...PersonParts } } }
}
${x}
${Tt}`,U=`fragment EntryParts on AuditEntry {
  id action at reason canUndo total done skipped
  actor { ...PersonParts }
  user { ...PersonParts }
  discussion { number title state }
  post { id state discussion { number title } ... on Reply { sequence } }
  category { slug name }
  undoes { id action at }
  undoneBy { id }
}`,Ee=`query ($first: Int!) {
  moderationCursor
  reviewQueue(filter: { state: OPEN }, first: $first) { pageInfo { hasNextPage } nodes { id } }
}`,we=`subscription ($after: String) {
  moderationEvents(after: $after) {
    __typename cursor
    ... on ReviewItemOpened { reviewItem { id state } }
    ... on ReviewItemChanged { reviewItem { id state } }
  }
}`,ve=`query ($filter: ReviewQueueFilter, $first: Int!, $after: String) {
  moderationCursor
  reviewQueue(filter: $filter, first: $first, after: $after) { pageInfo { hasNextPage endCursor } nodes { ...ItemParts } }
}
${V}`,Ie=`subscription ($after: String) {
  moderationEvents(after: $after) {
    __typename cursor
    ... on ReviewItemOpened { reviewItem { ...ItemParts } }
    ... on ReviewItemChanged { reviewItem { ...ItemParts } }
    ... on AuditEntryAdded { entry { ...EntryParts reviewItem { id } } }
  }
}
${V}
${U}`,Se=`mutation ($input: DecideReviewInput!) {
  decideReview(input: $input) {
    reviewItem { ...ItemParts }
    errors { code message ... on Conflict { current { ...ItemParts } } }
  }
}
${V}`,Pe=`mutation ($input: ClaimReviewInput!) {
  claimReview(input: $input) { reviewItem { ...ItemParts } errors { code message } }
}
${V}`,ke=`mutation ($input: UndoInput!) {
  undo(input: $input) { auditEntry { ...EntryParts } errors { code message } }
}
${U}
${x}`,Oe=`query ($filter: AuditLogFilter, $first: Int!, $after: String) {
  moderationCursor
  auditLog(filter: $filter, first: $first, after: $after) { pageInfo { hasNextPage endCursor } nodes { ...EntryParts } }
}
${U}
${x}`,Ce=`subscription ($after: String) {
  moderationEvents(after: $after) { __typename cursor ... on AuditEntryAdded { entry { ...EntryParts } } }
}
${U}
${x}`,De=`query ($ids: [ID!]!) { nodes(ids: $ids) { ... on AuditEntry { ...EntryParts } } }
${U}
${x}`,Re=`fragment MemberParts on User {
  ...PersonParts isGuest role createdAt premoderated
  suspension { reason until at by { ...PersonParts } }
  replies(first: 1) { totalCount totalCountIsExact }
  discussions(first: 1) { totalCount totalCountIsExact }
}
${x}`,j=`query ($handle: String!) { user(handle: $handle) { ...MemberParts } }
${Re}`,K=(t,e)=>`mutation ($input: ${e}Input!) {
  written: ${t}(input: $input) { user { ...MemberParts } errors { code message } }
}
${Re}`,Ne=K("suspendUser","SuspendUser"),Me=K("unsuspendUser","UnsuspendUser"),xe=K("setRole","SetRole"),Te=K("premoderateUser","PremoderateUser"),es=`mutation ($input: RemovePostsInput!) {
  removePosts(input: $input) {
    posts discussions repliesOfOthers auditEntry { ...EntryParts } errors { code message }
  }
}
${U}
${x}`,re="fragment CategoryParts on Category { id slug name description position premoderated }",_e=`query { categories(first: 100) { nodes { ...CategoryParts } } }
${re}`,Ae=`mutation ($input: AddCategoryInput!) {
  written: addCategory(input: $input) { category { ...CategoryParts } errors { code message path } }
}
${re}`,ae=`mutation ($input: EditCategoryInput!) {
  written: editCategory(input: $input) { category { ...CategoryParts } errors { code message path } }
}
${re}`,Q=(t,e)=>`mutation ($input: ${e}Input!) {
  written: ${t}(input: $input) { discussion { ...DiscussionParts } errors { code message } }
}
${Mt}
${xt}`,Ue=Q("pinDiscussion","PinDiscussion"),Le=Q("unpinDiscussion","UnpinDiscussion"),Be=Q("moveDiscussion","MoveDiscussion"),qe=Q("retitleDiscussion","RetitleDiscussion");var Gt=500;function Yt({discussion:t,actions:e}){let[n,o]=T(null),s=async(i,l)=>{try{let{written:c}=await Ft.execute(i,{input:{discussionId:t.id,clientMutationId:Ht(),...l}});return c.discussion&&e.saved(c.discussion),c.errors}catch(c){return qt(c)}},r=async()=>{let i=await s(t.pinned?Le:Ue,{});i.length?He.show(Bt(i[0])):He.show(w(t.pinned?"discussion.unpinned":"discussion.nowPinned"))};return M`<${Lt} className="quiet small" action="moderate" button=${M`<${L} name="shield" />${w("moderation.link")}`}>
      <button type="button" data-action="pin" onClick=${r}><${L} name="pin" />${w(t.pinned?"discussion.unpin":"discussion.pin")}</button>
      <button type="button" data-action="move" onClick=${()=>o("move")}><${L} name="next" />${w("discussion.move")}</button>
      <button type="button" data-action="retitle" onClick=${()=>o("retitle")}><${L} name="edit" />${w("discussion.retitle")}</button>
      <button type="button" data-action="lock" onClick=${()=>e.lock(t)}><${L} name="lock" />${w(t.locked?"discussion.unlock":"discussion.lock")}</button>
      <button type="button" data-action="delete-discussion" onClick=${()=>e.remove(t)}><${L} name="trash" />${w("discussion.delete")}</button>
    <//>
    ${n==="move"&&M`<${Vt} discussion=${t} send=${s} onClose=${()=>o(null)} />`}
    ${n==="retitle"&&M`<${jt} discussion=${t} send=${s} onClose=${()=>o(null)} />`}`}function Vt({discussion:t,send:e,onClose:n}){let o=t.category?.id??"",[s,r]=T(o);return M`<${Ge} title=${w("discussion.moveTitle")} yes=${w("discussion.moveYes")} isReady=${s!==o} onYes=${i=>e(Be,{categoryId:s||null,reason:i})} onClose=${n}>
    <label class="field">${w("new.category")}
      <select name="category" data-first value=${s} onChange=${({target:i})=>r(i.value)}>
        <option value="">${w("new.noCategory")}</option>
        ${Fe.categories.map(({id:i,name:l})=>M`<option key=${i} value=${i}>${l}</option>`)}
      </select>
    </label>
  <//>`}function jt({discussion:t,send:e,onClose:n}){let[o,s]=T(t.title),[{version:r}]=T(t);return M`<${Ge} title=${w("discussion.retitleTitle")} yes=${w("edit.save")} isReady=${o.trim()&&o!==t.title} onYes=${i=>e(qe,{title:o,expectedVersion:r,reason:i})} onClose=${n}>
    <label class="field">${w("new.titleField")}<input name="title" data-first dir="auto" autocomplete="off" maxlength=${Fe.limits.titleLength} value=${o} onInput=${({target:i})=>s(i.value)} /></label>
  <//>`}function Ge({title:t,yes:e,isReady:n,onYes:o,onClose:s,children:r}){let[i,l]=T(""),[c,$]=T([]),[u,g]=T(!1);return M`<${At} title=${t} onClose=${s}>
    <form class="fields" onSubmit=${async d=>{d.preventDefault(),g(!0);let f=await o(i.trim()||null);g(!1),f.length?$(f):s()}}>
      ${r}
      <label class="field">${w("discussion.reason")}<input name="reason" maxlength=${Gt} dir=${i?"auto":null} autocomplete="off" value=${i} onInput=${({target:d})=>l(d.value)} /></label>
      <${Ut} errors=${c} />
      <footer>
        <button type="button" onClick=${s}>${w("page.cancel")}</button>
        <button type="submit" class="primary" disabled=${u||!n}>${e}</button>
      </footer>
    </form>
  <//>`}import{Follower as Kt,Icon as Qt,Observable as Wt,connection as Ye,formatNumber as zt,html as Ve,moderatePath as Xt,session as Ke,t as je,useEffect as Jt,useMemo as Zt,useObservables as en}from"./app.js";var tn=100,le=class extends Wt{ids=new Set;hasMore=!1;#t=null;#s=!1;async open(){try{let e=await this.#e();if(this.#s||Ye.hasFewConnections)return;this.#t=new Kt(Ye,{query:we,field:"moderationEvents",cursor:e,handle:n=>this.#o(n),resync:()=>this.#e()})}catch(e){console.info("The open items could not be counted:",e.message)}}close(){this.#s=!0,this.#t?.stop()}async#e(){let{moderationCursor:e,reviewQueue:n}=await Ke.execute(Ee,{first:tn});return this.ids=new Set(n.nodes.map(({id:o})=>o)),this.hasMore=n.pageInfo.hasNextPage,this.notify(),e}#o(e){for(let{reviewItem:n}of e)n?.state==="OPEN"?this.ids.add(n.id):n&&this.ids.delete(n.id);this.notify()}};function nn({isCurrent:t}){let e=Ke.viewer.user.id,n=Zt(()=>new le,[e]);en(n),Jt(()=>(n.open(),()=>n.close()),[n]);let o=n.ids.size;return Ve`<a class="button moderate-link" href=${Xt()} aria-current=${t?"page":null} data-open=${o}>
    <${Qt} name="shield" /><span class="moderate-word">${je("moderation.link")}</span>
    ${o>0&&Ve`<span class="open-count" aria-hidden="true">${zt(o)}${n.hasMore&&"+"}</span><span class="unseen">${je("moderation.waiting",{count:o,isExact:!n.hasMore})}</span>`}
  </a>`}import{html as Dt,moderatePath as Wo,site as zo,t as se,useEffect as Xo}from"./app.js";import{AsOf as Pn,ConnectionBadge as kn,Errors as tt,Icon as On,Nothing as Cn,PersonField as Je,Skeleton as Dn,asErrors as Rn,html as R,moderatePath as Nn,router as Mn,session as xn,t as S,useEffect as Tn,useLayoutEffect as _n,useMemo as An,useObservables as Un,useState as Ln}from"./app.js";import{Follower as on,Observable as sn,asErrors as rn,connection as an,session as Qe}from"./app.js";var ln=30,cn=1500;function ce({total:t,done:e,skipped:n}){return t!==null&&(e??0)+(n??0)<t}var W=class extends sn{nodes=[];errors=[];hasMore=!1;isLoading=!0;follower=null;waiting=[];#t;#s;#e=null;#o=null;#n=0;constructor(e,n){super(),this.#t=e,this.#s=n}async open(){this.close();let e=this.#n,n=await this.#i(null);n===null||e!==this.#n||(this.follower=new on(an,{query:Ce,field:"moderationEvents",cursor:n,handle:o=>this.#c(o),resync:()=>this.#i(null)}),this.notify())}close(){this.#n+=1,clearTimeout(this.#o),this.follower?.stop(),this.follower=null}async more(){!this.isLoading&&this.hasMore&&await this.#i(this.#e)}show(){this.nodes=[...this.waiting,...this.nodes],this.waiting=[],this.#a(),this.notify()}undone(e){this.#l([e]),this.show()}async#i(e){let n=this.#n;this.isLoading=!0,this.errors=[],this.notify();try{let{moderationCursor:o,auditLog:s}=await Qe.execute(Oe,{filter:this.#t,first:ln,after:e});return n!==this.#n?null:(e||(this.waiting=[]),this.nodes=e?[...this.nodes,...s.nodes]:s.nodes,this.hasMore=s.pageInfo.hasNextPage,this.#e=s.pageInfo.endCursor,this.#a(),o)}catch(o){return this.errors=rn(o),null}finally{this.isLoading=!1,this.notify()}}#c(e){this.#l(e.map(({entry:n})=>n).filter(Boolean)),this.notify()}#l(e){for(let n of e)n.undoes&&this.#r({id:n.undoes.id,canUndo:!1,undoneBy:{id:n.id}}),[...this.waiting,...this.nodes].some(({id:s})=>s===n.id)?this.#r(n):this.#s(n)&&(this.waiting=[n,...this.waiting])}#r(e){let n=o=>o.id===e.id?{...o,...e}:o;this.nodes=this.nodes.map(n),this.waiting=this.waiting.map(n)}#a(){clearTimeout(this.#o);let e=this.nodes.filter(ce).map(({id:o})=>o);if(!e.length)return;let n=this.#n;this.#o=setTimeout(async()=>{try{let{nodes:o}=await Qe.execute(De,{ids:e});if(n!==this.#n)return;for(let s of o.filter(Boolean))this.#r(s);this.notify()}catch(o){console.info("The progress could not be read:",o.message)}n===this.#n&&this.#a()},cn)}};import{Avatar as bn,Timestamp as ze,discussionPath as gn,html as v,moderatePath as yn,postPath as En,t as I}from"./app.js";import{Errors as dn,Icon as un,asErrors as $n,html as pn,newKey as mn,notices as fn,session as hn,t as de,useState as We}from"./app.js";function z({entry:t,onUndone:e=()=>{}}){let[n,o]=We([]),[s,r]=We(!1);return!t?.canUndo||t.undoneBy?null:pn`<button type="button" class="small" data-action="undo" disabled=${s} onClick=${async()=>{r(!0);try{let{auditEntry:l,errors:c}=(await hn.execute(ke,{input:{auditEntryId:t.id,clientMutationId:mn()}})).undo;o(c.map($=>$.code==="CONFLICT"?{...$,code:"UNDO_CONFLICT",message:de("moderation.undoConflict")}:$)),l&&(fn.announce(de("moderation.undone")),e(l))}catch(l){o($n(l))}r(!1)}}><${un} name="undo" />${de("moderation.undo")}</button>
    <${dn} errors=${n} />`}function Xe({entry:t,onUndone:e}){let{id:n,actor:o,at:s,action:r,reason:i,undoes:l,undoneBy:c}=t;return v`<li class="entry" id=${`entry-${n}`} data-action=${r} data-entry=${n}>
    <${bn} user=${o} size="small" />
    <div class="entry-body">
      <p>${vn(t)}</p>
      ${i&&v`<p class="hint" dir="auto">${I("post.reason",{reason:v`<bdi>${i}</bdi>`})}</p>`}
      <p class="hint"><${ze} at=${s} />${l&&v`<span>${I("log.undoes",{time:v`<${ze} at=${l.at} />`})}</span>`}${c&&v`<span class="undone">${I("log.wasUndone")}</span>`}</p>
      <${wn} entry=${t} />
    </div>
    <${z} entry=${t} onUndone=${e} />
  </li>`}function wn({entry:t}){let{total:e,done:n,skipped:o}=t;if(e===null)return null;if(!ce(t))return v`<p class="hint" role="status" data-done=${n}>${I("log.done",{count:n??0})}${o>0&&v` ${I("log.skipped",{count:o})}`}</p>`;let s=(n??0)+(o??0);return v`<label class="progress hint">${I("log.underWay",{done:s,total:e})}<progress max=${e} value=${s}></progress></label>`}function vn(t){let{action:e,actor:n,user:o,discussion:s,post:r,category:i,held:l}=t,c=u=>v`<a class="name" href=${yn("people",{person:u.handle})}><bdi>${u.name}</bdi></a>`,$={actor:n?c(n):I("log.system"),user:o?c(o):I("page.formerMember"),discussion:In(s??r?.discussion??l?.discussion,l),category:i?v`<bdi>${i.name}</bdi>`:I("log.gone"),post:r?Sn(r):I("log.aPost")};return e==="UNSUSPEND_USER"&&!n?I("log.suspensionOver",{user:$.user}):I(`log.${e}`,$)}function In(t,e){return t?v`<a href=${gn(t)}><bdi>${t.title}</bdi></a>`:e?.title?v`<bdi>${e.title}</bdi>`:I("log.gone")}function Sn(t){let{sequence:e,discussion:n}=t,o=n?v`<a href=${En(t)}><bdi>${n.title}</bdi></a>`:I("log.gone");return v`<span>${I(e?"log.reply":"log.opening",{number:e??0,title:o})}</span>`}var Ze={decisions:["PUBLISH","REJECT","DISMISS"],deletions:["DELETE_POST","RESTORE_POST","DELETE_DISCUSSION","RESTORE_DISCUSSION","REMOVE_POSTS","RESTORE_POSTS"],discussions:["LOCK_DISCUSSION","UNLOCK_DISCUSSION","PIN_DISCUSSION","UNPIN_DISCUSSION","MOVE_DISCUSSION","RETITLE_DISCUSSION"],people:["SUSPEND_USER","UNSUSPEND_USER","SET_ROLE","PREMODERATE_USER"],categories:["ADD_CATEGORY","EDIT_CATEGORY"]};function nt({given:t}){let e=Ze[t.acts]??null,n=et(t.by??""),o=et(t.person??""),s=r=>Mn.go(Nn("log",{...t,...r}),{instead:!0});return R`<section class="log" aria-labelledby="log-title">
    <h2 id="log-title" class="unseen">${S("moderation.log")}</h2>
    <form class="log-filters" aria-label=${S("log.filters")} onSubmit=${r=>r.preventDefault()}>
      <label class="field">${S("log.acts")}
        <select value=${t.acts??""} onChange=${({target:r})=>s({acts:r.value})}>
          <option value="">${S("list.all")}</option>
          ${Object.keys(Ze).map(r=>R`<option key=${r} value=${r}>${S(`log.acts_${r}`)}</option>`)}
        </select>
      </label>
      <${Je} id="log-by" label=${S("log.by")} placeholder=${S("search.anybody")} handle=${t.by??""} choose=${r=>s({by:r})} />
      <${Je} id="log-person" label=${S("log.about")} placeholder=${S("search.anybody")} handle=${t.person??""} choose=${r=>s({person:r})} />
    </form>
    <${tt} errors=${[...n.errors,...o.errors]} />
    ${!n.isLoading&&!o.isLoading&&R`<${Bn} key=${JSON.stringify([t,n.id,o.id])} actions=${e} actorId=${n.id} userId=${o.id} />`}
  </section>`}function Bn({actions:t,actorId:e,userId:n}){let o=An(()=>{let u=Object.fromEntries(Object.entries({actions:t,actorId:e,userId:n}).filter(([,a])=>a)),g=a=>(!t||t.includes(a.action))&&(!e||a.actor?.id===e)&&(!n||a.user?.id===n);return new W(u,g)},[]);Un(o),_n(()=>(o.open(),()=>o.close()),[]);let{nodes:s,errors:r,waiting:i,isLoading:l,hasMore:c,follower:$}=o;return R`<p class="status-line"><${kn} follower=${$} liveHint=${S("log.liveHint")} /><${Pn} follower=${$} /></p>
    <${tt} errors=${r}><button type="button" onClick=${()=>o.open()}>${S("page.tryAgain")}</button><//>
    <p role="status">${i.length>0&&R`<button type="button" class="small" data-action="show-pending" onClick=${()=>o.show()}><${On} name="up" />${S("log.show",{count:i.length})}</button>`}</p>
    <ul class="list entries" aria-busy=${l}>
      ${s.map(u=>R`<${Xe} key=${u.id} entry=${u} onUndone=${g=>o.undone(g)} />`)}
    </ul>
    ${l&&!s.length&&R`<${Dn} />`}
    ${!l&&!s.length&&!r.length&&R`<${Cn} icon="list" title=${S("log.nothing")} />`}
    ${c&&R`<div class="sentinel"><button type="button" class="quiet" data-action="more" onClick=${()=>o.more()}>${S("list.more")}</button></div>`}`}function et(t){let[e,n]=Ln({handle:"",id:null,errors:[]});return Tn(()=>{if(!t)return n({handle:t,id:null,errors:[]});let o=!0;return xn.execute(j,{handle:t}).then(({user:s})=>o&&n({handle:t,id:s?.id??null,errors:s?[]:[{code:"NO_SUCH_PERSON",message:S("user.missing",{handle:`@${t}`})}]}),s=>o&&n({handle:t,id:null,errors:Rn(s)})),()=>o=!1},[t]),{...e,isLoading:e.handle!==t}}import{Category as qn,Errors as ct,Icon as X,Nothing as Hn,Skeleton as Fn,asErrors as ot,html as P,newKey as Gn,notices as st,session as it,site as Yn,t as E,useEffect as Vn,useState as B}from"./app.js";var jn=80,Kn=400;function dt(){let[t,e]=B(null),[n,o]=B([]),[s,r]=B(null),[i,l]=B(!1),c=()=>{o([]),it.execute(_e).then(({categories:{nodes:a}})=>e(a),a=>o(ot(a)))};Vn(c,[]);let $=async(a,d)=>{l(!0);try{let{written:f}=await it.execute(a,{input:{clientMutationId:Gn(),...d}}),{category:h}=f;return h&&(e(k=>Qn([...k.filter(({id:C})=>C!==h.id),h])),Yn.replaceCategory(h.id,h)),f.errors}catch(f){return ot(f)}finally{l(!1)}},u=async(a,d)=>{let f=a?await $(ae,{categoryId:a.id,...d}):await $(Ae,{...d,position:t.length?Math.max(...t.map(({position:h})=>h))+1:0});return f.length||(r(null),st.announce(E(a?"categories.saved":"categories.added",{name:d.name})),lt(a?`[data-category="${a.slug}"] [data-action="edit"]`:'[data-action="add"]')),f},g=async(a,d)=>{let f=[...t],[h]=f.splice(a,1);f.splice(a+d,0,h),o([]);for(let[k,C]of f.entries()){if(C.position===k)continue;let q=await $(ae,{categoryId:C.id,position:k});if(q.length){o(q);break}}st.announce(E("categories.moved",{name:h.name,place:a+d+1})),lt(`[data-category="${h.slug}"] [data-action="${d<0?"up":"down"}"]:not(:disabled), [data-category="${h.slug}"] [data-action="edit"]`)};return P`<section class="categories" aria-labelledby="categories-title">
    <h2 id="categories-title" class="unseen">${E("moderation.categories")}</h2>
    <${ct} errors=${n}>${!t&&P`<button type="button" onClick=${c}>${E("page.tryAgain")}</button>`}<//>
    ${!t&&!n.length&&P`<${Fn} />`}
    ${t?.length===0&&P`<${Hn} icon="list" title=${E("categories.none")}><p>${E("categories.noneHint")}</p><//>`}
    ${t&&P`<ol class="list">
      ${t.map((a,d)=>P`<li key=${a.id} class="category-row" data-category=${a.slug}>
        ${s===a.id?P`<${rt} category=${a} isBusy=${i} save=${f=>u(a,f)} close=${()=>r(null)} />`:P`<div class="category-body">
              <p><${qn} category=${a} />${a.premoderated&&P`<span class="chip small">${E("categories.held")}</span>`}</p>
              ${a.description&&P`<p class="hint" dir="auto">${a.description}</p>`}
            </div>
            <div class="category-acts">
              <button type="button" class="quiet square" data-action="up" aria-label=${E("categories.up",{name:a.name})} disabled=${i||d===0} onClick=${()=>g(d,-1)}><${X} name="up" /></button>
              <button type="button" class="quiet square" data-action="down" aria-label=${E("categories.down",{name:a.name})} disabled=${i||d===t.length-1} onClick=${()=>g(d,1)}><${X} name="down" /></button>
              <button type="button" class="quiet square" data-action="edit" aria-label=${E("categories.edit",{name:a.name})} onClick=${()=>r(a.id)}><${X} name="edit" /></button>
            </div>`}
      </li>`)}
    </ol>`}
    ${t&&(s===""?P`<${rt} category=${null} isBusy=${i} save=${a=>u(null,a)} close=${()=>r(null)} />`:P`<p><button type="button" class="primary" data-action="add" onClick=${()=>r("")}><${X} name="plus" />${E("categories.add")}</button></p>`)}
  </section>`}function rt({category:t,isBusy:e,save:n,close:o}){let[s,r]=B({name:t?.name??"",slug:"",description:t?.description??"",premoderated:t?.premoderated??!1}),[i,l]=B([]),c=u=>r(g=>({...g,...u})),$=async u=>{u.preventDefault();let{slug:g,...a}=s;l(await n(t?a:{...a,slug:g.trim()||at(a.name)}))};return P`<form class="fields card" aria-label=${t?E("categories.edit",{name:t.name}):E("categories.add")} onSubmit=${$}>
    <label class="field">${E("categories.name")}<input name="name" required maxlength=${jn} dir=${s.name?"auto":null} autocomplete="off" value=${s.name} onInput=${({target:u})=>c({name:u.value})} /></label>
    ${!t&&P`<label class="field">${E("categories.slug")}<input name="slug" autocapitalize="none" autocomplete="off" spellcheck=${!1} dir="ltr" placeholder=${at(s.name)} value=${s.slug} onInput=${({target:u})=>c({slug:u.value})} /></label>`}
    <label class="field">${E("categories.description")}<input name="description" maxlength=${Kn} dir=${s.description?"auto":null} autocomplete="off" value=${s.description} onInput=${({target:u})=>c({description:u.value})} /></label>
    <label class="check"><input type="checkbox" name="premoderated" checked=${s.premoderated} onChange=${({target:u})=>c({premoderated:u.checked})} /><span>${E("categories.hold")}<small>${E("categories.holdHint")}</small></span></label>
    <${ct} errors=${i} />
    <footer>
      <button type="button" onClick=${o}>${E("page.cancel")}</button>
      <button type="submit" class="primary" disabled=${e||!s.name.trim()}>${E(t?"edit.save":"categories.add")}</button>
    </footer>
  </form>`}function at(t){return(t.normalize("NFC").toLowerCase().match(/[\p{L}\p{N}\p{M}]+/gu)??[]).join("-")}function Qn(t){return t.sort((e,n)=>e.position-n.position||Number(e.id.slice(2))-Number(n.id.slice(2)))}function lt(t){setTimeout(()=>document.querySelector(t)?.focus(),0)}import{Avatar as Xn,Errors as $t,Nothing as pt,PersonField as Jn,Skeleton as Zn,Timestamp as ut,asErrors as mt,html as y,language as ft,moderatePath as ht,newKey as eo,notices as to,router as no,session as $e,t as m,useEffect as oo,useState as _,userPath as so}from"./app.js";import{html as G,t as J,useState as Wn}from"./app.js";var zn=864e5,ue={day:1,week:7,month:30};function Z({choice:t,date:e},n=Date.now()){return t in ue?new Date(n+ue[t]*zn).toISOString():t==="date"&&e?new Date(`${e}T23:59:59`).toISOString():null}function ee({label:t,first:e=null,hasNoEnd:n=!0,value:o,choose:s}){let[r]=Wn(()=>new Date().toISOString().slice(0,10));return G`<label class="field">${t}
      <select data-until value=${o.choice} onChange=${({target:i})=>s({...o,choice:i.value})}>
        ${e&&G`<option value="">${e}</option>`}
        ${Object.keys(ue).map(i=>G`<option key=${i} value=${i}>${J(`moderation.for_${i}`)}</option>`)}
        <option value="date">${J("moderation.for_date")}</option>
        ${n&&G`<option value="never">${J("moderation.for_ever")}</option>`}
      </select>
    </label>
    ${o.choice==="date"&&G`<label class="field">${J("moderation.until")}<input type="date" required min=${r} value=${o.date} onInput=${({target:i})=>s({...o,date:i.value})} /></label>`}`}var io=500,ro=t=>new Intl.DateTimeFormat(ft,{month:"short",year:"numeric"}).format(new Date(t));function bt({given:t}){let e=t.person??"";return y`<section class="people" aria-labelledby="people-title">
    <h2 id="people-title" class="unseen">${m("moderation.people")}</h2>
    <div class="find"><${Jn} id="find-person" label=${m("people.find")} placeholder=${m("people.nameOrHandle")} handle=${e} choose=${n=>no.go(ht("people",{person:n}))} /></div>
    ${e?y`<${ao} key=${e} handle=${e} />`:y`<${pt} icon="people" title=${m("people.nobody")}><p>${m("people.nobodyHint")}</p><//>`}
  </section>`}function ao({handle:t}){let[e,n]=_(void 0),[o,s]=_([]),r=()=>{s([]),$e.execute(j,{handle:t}).then(({user:i})=>n(i),i=>s(mt(i)))};return oo(r,[]),o.length?y`<${$t} errors=${o}><button type="button" onClick=${r}>${m("page.tryAgain")}</button><//>`:e===void 0?y`<${Zn} />`:e===null?y`<${pt} icon="people" title=${m("user.missing",{handle:`@${t}`})}><p>${m("user.missingHint")}</p><//>`:y`<${lo} person=${e} setPerson=${n} />`}function lo({person:t,setPerson:e}){let{name:n,handle:o,isGuest:s,createdAt:r,replies:i,discussions:l,suspension:c,premoderated:$,role:u}=t,g=t.id===$e.viewer?.user.id,a=u==="MODERATOR",[d,f]=_([]),[h,k]=_(!1),C=async(N,ie,Nt)=>{k(!0);let H=[];try{let{written:F}=await $e.execute(N,{input:{userId:t.id,clientMutationId:eo(),...ie}});H=F.errors,F.user&&e(F.user)}catch(F){H=mt(F)}return f(H),k(!1),H.length||to.announce(Nt),!H.length},q=({totalCount:N,totalCountIsExact:ie})=>({count:N,isExact:ie});return y`<article class="member" data-person=${o}>
    <header>
      <${Xn} user=${t} size="huge" />
      <div>
        <h3><a href=${so(t)}><bdi>${n}</bdi></a></h3>
        <p class="hint"><bdi>@${o}</bdi><span>${m("user.since",{month:ro(r)})}</span><span>${m("thread.replies",q(i))}</span><span>${m("user.discussions",q(l))}</span></p>
        <p class="badges">
          <span class="standing" data-role=${a?"MODERATOR":"MEMBER"}>${m(a?"roles.moderator":s?"roles.guest":"people.member")}</span>
          ${c&&y`<span class="standing" data-state="suspended">${m("people.suspended")}</span>`}
          ${$&&y`<span class="standing" data-state="premoderated">${m("people.premoderated")}</span>`}
        </p>
      </div>
    </header>
    <${$t} errors=${d} />
    ${c&&y`<${co} suspension=${c} isBusy=${h} end=${()=>C(Me,{},m("people.unsuspended",{name:n}))} />`}
    ${!c&&!g&&y`<${$o} name=${n} isBusy=${h} suspend=${N=>C(Ne,N,m("people.nowSuspended",{name:n}))} />`}
    <section class="acts">
      <label class="check"><input type="checkbox" data-action="premoderate" checked=${$} disabled=${h} onChange=${({target:N})=>C(Te,{premoderated:N.checked},m(N.checked?"people.nowPremoderated":"people.notPremoderated",{name:n}))} />
        <span>${m("people.premoderate")}<small>${m("people.premoderateHint")}</small></span></label>
      ${!g&&!s&&y`<p><button type="button" data-action="role" disabled=${h} onClick=${()=>C(xe,{role:a?"MEMBER":"MODERATOR"},m(a?"people.nowMember":"people.nowModerator",{name:n}))}>${m(a?"people.makeMember":"people.makeModerator")}</button>
        <small class="hint">${m(a?"people.makeMemberHint":"people.makeModeratorHint")}</small></p>`}
    </section>
    <p><a class="button quiet" href=${ht("log",{person:o})}>${m("people.log")}</a></p>
  </article>`}function co({suspension:{reason:t,until:e,at:n,by:o},isBusy:s,end:r}){return y`<section class="notice suspension" data-suspended>
    <p>${e?m("people.suspendedUntil",{time:y`<${uo} at=${e} />`}):m("people.suspendedForGood")}
      ${t&&y` ${m("post.reason",{reason:y`<bdi>${t}</bdi>`})}`}</p>
    <p class="hint">${o?m("people.suspendedBy",{name:y`<bdi>${o.name}</bdi>`,time:y`<${ut} at=${n} />`}):y`<${ut} at=${n} />`}</p>
    <button type="button" class="small" data-action="unsuspend" disabled=${s} onClick=${r}>${m("people.endSuspension")}</button>
  </section>`}function uo({at:t}){return y`<time datetime=${t}>${new Intl.DateTimeFormat(ft,{dateStyle:"long",timeStyle:"short"}).format(new Date(t))}</time>`}function $o({name:t,isBusy:e,suspend:n}){let[o,s]=_(!1),[r,i]=_(""),[l,c]=_({choice:"week",date:""}),$=async u=>{u.preventDefault(),await n({reason:r.trim()||null,until:Z(l)})&&s(!1)};return o?y`<form class="fields card" aria-label=${m("people.suspend")} onSubmit=${$}>
    <label class="field">${m("people.reason",{name:t})}<input type="text" name="reason" maxlength=${io} dir=${r?"auto":null} autocomplete="off" value=${r} onInput=${({target:u})=>i(u.value)} /></label>
    <${ee} label=${m("people.howLong")} value=${l} choose=${c} />
    <footer>
      <button type="button" onClick=${()=>s(!1)}>${m("page.cancel")}</button>
      <button type="submit" class="danger" disabled=${e}>${m("people.suspend")}</button>
    </footer>
  </form>`:y`<p><button type="button" data-action="suspend" onClick=${()=>s(!0)}>${m("people.suspend")}</button> <small class="hint">${m("people.suspendHint")}</small></p>`}import{AsOf as To,ConnectionBadge as _o,Errors as Ao,Nothing as Uo,Skeleton as Lo,advice as It,html as D,moderatePath as Bo,notices as oe,t as O,useEffect as St,useLayoutEffect as qo,useMemo as Ho,useObservables as Fo,useRef as Go,useShortcuts as Yo,useState as kt}from"./app.js";import{Dialog as po,Errors as mo,html as gt,t as A,useState as te}from"./app.js";var fo=500;function yt({item:t,action:e,onYes:n,onClose:o}){let[s,r]=te(""),[i,l]=te({choice:"",date:""}),[c,$]=te([]),[u,g]=te(!1),a=e==="PUBLISH"||e==="DISMISS",d=async f=>{f.preventDefault(),g(!0);let h=await n({reason:s.trim()||null,suspendAuthorUntil:Z(i)});g(!1),h.length?$(h):o()};return gt`<${po} title=${A(`moderation.ask_${e}`)} onClose=${o}>
    <form class="fields" onSubmit=${d}>
      <p>${A(`moderation.means_${e}`)}</p>
      <label class="field">${A("moderation.reason")}
        <input type="text" name="reason" maxlength=${fo} dir=${s?"auto":null} autocomplete="off" data-first value=${s} onInput=${({target:f})=>r(f.value)} />
      </label>
      ${!a&&t.author&&gt`<${ee} label=${A("moderation.alsoSuspend",{name:t.author.name})} first=${A("moderation.notSuspended")} hasNoEnd=${!1} value=${i} choose=${l} />`}
      <${mo} errors=${c} />
      <footer>
        <button type="button" onClick=${o}>${A("page.cancel")}</button>
        <button type="submit" class=${a?"primary":"danger"} disabled=${u}>${A(`moderation.${e}`)}</button>
      </footer>
    </form>
  <//>`}import{Author as Et,Avatar as ho,Icon as Y,Menu as bo,PostBody as go,Timestamp as me,discussionPath as yo,html as p,memo as Eo,moderatePath as wo,postPath as pe,session as wt,t as b}from"./app.js";var fe={PUBLISH:{kind:"HELD",key:"p",icon:"check",className:"primary"},REJECT:{kind:"HELD",key:"r",icon:"close",className:""},DISMISS:{kind:"REPORTED",key:"d",icon:"check",className:""},DELETE_POST:{kind:"REPORTED",key:"x",icon:"trash",className:"danger"}},vt=Eo(function({item:e,isNew:n,isConflict:o,entry:s,act:r,claim:i}){let{id:l,kind:c,state:$,author:u,createdAt:g}=e,a=$==="OPEN";return p`<article class=${`review card ${n?"fresh":""}`} tabindex="-1" data-review=${l} data-kind=${c} data-state=${$} aria-label=${vo(e)}>
    <header>
      <${ho} user=${u} />
      <p class="byline">
        <${Et} user=${u} />
        <span class="when"><${me} at=${g} /></span>
        <${So} item=${e} />
      </p>
      <${Io} item=${e} />
    </header>
    <${Po} item=${e} />
    <${ko} item=${e} />
    ${o&&p`<p class="notice" role="alert">${b(a?"moderation.changedMeanwhile":"moderation.decidedMeanwhile")}</p>`}
    <footer>${a?p`<${Oo} item=${e} act=${r} claim=${i} />`:p`<${Co} item=${e} entry=${s} />`}</footer>
  </article>`});function vo({kind:t,author:e}){return b(`moderation.label_${t}`,{name:e?.name??b("page.formerMember")})}function Io({item:{kind:t,reportCount:e,held:n}}){return t==="REPORTED"?p`<p class="why" data-kind="REPORTED"><${Y} name="flag" />${b("moderation.reported",{count:e})}</p>`:p`<p class="why" data-kind="HELD"><${Y} name="clock" />${b(`moderation.held_${n?.kind??"REPLY"}`)}</p>`}function So({item:{post:t,held:e}}){if(t){let{discussion:n,sequence:o}=t;return p`<span class="where">${b(o?"moderation.replyIn":"moderation.openingOf",{number:o??0,title:p`<a href=${pe(t)}><bdi>${n.title}</bdi></a>`})}</span>`}return e?.edits?p`<span class="where">${b("moderation.editIn",{title:p`<a href=${pe(e.edits)}><bdi>${e.edits.discussion.title}</bdi></a>`})}</span>`:e?.discussion?p`<span class="where">${b("moderation.newReplyIn",{title:p`<a href=${yo(e.discussion)}><bdi>${e.discussion.title}</bdi></a>`})}</span>`:e?.category?p`<span class="where">${b("moderation.inCategory",{name:p`<bdi>${e.category.name}</bdi>`})}</span>`:null}function Po({item:{post:t,held:e,body:n,title:o,postVersion:s}}){let r=e?.title??o;return p`<div class="review-words">
    ${r&&p`<h3 dir="auto">${r}</h3>`}
    ${e?p`<${go} bodyHtml=${e.bodyHtml} />`:n!==null&&p`<p class="as-typed" dir="auto">${n}</p>`}
    ${e&&e.reasons.length>0&&p`<p class="hint">${e.reasons.map(i=>p`<span key=${i} class="chip small">${b(`moderation.why_${i}`)}</span>`)}</p>`}
    ${t?.state==="DELETED"&&p`<p class="hint">${b(`moderation.gone_${t.deletion?.by??"AUTHOR"}`)}</p>`}
    ${t?.state==="VISIBLE"&&s!==null&&t.version>s&&p`<p class="hint">${b("moderation.editedSince",{version:s,now:t.version})}</p>`}
  </div>`}function ko({item:{reports:t,reportCount:e}}){let{nodes:n}=t;return n.length?p`<ul class="reports" aria-label=${b("moderation.reports")}>
    ${n.map(({id:o,reporter:s,reason:r,note:i,at:l})=>p`<li key=${o}>
      <strong>${b(`report.${r}`)}</strong> ${i&&p`<q dir="auto">${i}</q>${" "}`}
      <span class="hint"><${Et} user=${s} /> <${me} at=${l} /></span>
    </li>`)}
    ${e>n.length&&p`<li class="hint">${b("moderation.moreReports",{count:e-n.length})}</li>`}
  </ul>`:null}function Oo({item:t,act:e,claim:n}){let{author:o,claimedBy:s,claimedUntil:r}=t,i=s&&Date.parse(r)>Date.now(),l=i&&s.id===wt.viewer?.user.id,c=Object.entries(fe).filter(([,{kind:u}])=>u===t.kind),[$]=c[0];return p`<div class="review-actions">
      ${c.map(([u,{key:g,icon:a,className:d}])=>p`<button key=${u} type="button" class=${d} data-action=${u} aria-keyshortcuts=${g} onClick=${()=>e(t,u)}>
        <${Y} name=${a} />${b(`moderation.${u}`)} <kbd aria-hidden="true">${g}</kbd>
      </button>`)}
      <${bo} className="quiet square" action="more" label=${b("post.moreActions")} button=${p`<${Y} name="more" />`}>
        <button type="button" data-action="with-reason" onClick=${()=>e(t,$,{asks:!0})}>${b(`moderation.withReason_${$}`)}</button>
        <button type="button" data-action="claim" onClick=${()=>n(t,l)}>${b(l?"moderation.release":"moderation.claim")} <kbd aria-hidden="true">c</kbd></button>
        ${o&&p`<a class="button" href=${wo("people",{person:o.handle})}>${b("moderation.aboutAuthor")}</a>`}
      <//>
    </div>
    ${i&&p`<p class="claimed hint">${l?b("moderation.claimedByYou"):b("moderation.claimedBy",{name:p`<bdi>${s.name}</bdi>`})}</p>`}`}function Co({item:{decision:t,post:e,held:n},entry:o}){if(!t)return p`<p class="decided">${b(n?.state==="WITHDRAWN"?"moderation.withdrawn":"moderation.closed")}</p>`;let{action:s,by:r,reason:i,at:l}=t,c=r?.id===wt.viewer?.user.id?b("moderation.you"):p`<bdi class="name">${r?.name??b("page.formerMember")}</bdi>`;return p`<p class="decided" role="status">
      <${Y} name="check" /><span>${b(`moderation.decided_${s}`,{name:c})} <span class="hint"><${me} at=${l} /></span></span>
      ${i&&p`<span>${b("post.reason",{reason:p`<bdi>${i}</bdi>`})}</span>`}
    </p>
    <${z} entry=${o} />
    ${e?.state==="VISIBLE"&&p`<a class="button quiet" href=${pe(e)}>${b("moderation.open")}</a>`}`}import{Follower as Do,Observable as Ro,asErrors as he,connection as No,newKey as Mo,session as be}from"./app.js";var xo=20,ne=class extends Ro{nodes=[];errors=[];hasMore=!1;isLoading=!0;follower=null;entries=new Map;conflicts=new Set;#t;#s=null;#e=0;constructor(e){super(),this.#t={state:"OPEN",...e&&{kind:e}}}get decided(){return this.nodes.filter(({state:e})=>e==="DECIDED").length}async open(){this.close();let e=this.#e,n=await this.#o(null);n===null||e!==this.#e||(this.follower=new Do(No,{query:Ie,field:"moderationEvents",cursor:n,handle:o=>this.#n(o),resync:()=>this.#o(null)}),this.notify())}close(){this.#e+=1,this.follower?.stop(),this.follower=null}async more(){!this.isLoading&&this.hasMore&&await this.#o(this.#s)}clear(){this.nodes=this.nodes.filter(({state:e})=>e==="OPEN"),this.conflicts.clear(),this.notify()}async decide(e,{action:n,reason:o=null,suspendAuthorUntil:s=null}){let r={reviewItemId:e.id,action:n,reason:o,expectedVersion:e.version,clientMutationId:Mo()};try{let{reviewItem:i,errors:l}=(await be.execute(Se,{input:r})).decideReview,c=l.find($=>"current"in $)?.current;return c?this.conflicts.add(e.id):this.conflicts.delete(e.id),this.#i(i??c),this.notify(),l}catch(i){return he(i)}}async claim(e,n=!1){try{let{reviewItem:o,errors:s}=(await be.execute(Pe,{input:{reviewItemId:e.id,release:n}})).claimReview;return this.#i(o),this.notify(),s}catch(o){return he(o)}}async#o(e){let n=this.#e;this.isLoading=!0,this.errors=[],this.notify();try{let{moderationCursor:o,reviewQueue:s}=await be.execute(ve,{filter:this.#t,first:xo,after:e});if(n!==this.#e)return null;e||(this.nodes=[]);for(let r of s.nodes)this.#i(r,!0);return this.hasMore=s.pageInfo.hasNextPage,this.#s=s.pageInfo.endCursor,o}catch(o){return this.errors=he(o),null}finally{this.isLoading=!1,this.notify()}}#n(e){for(let{reviewItem:n,entry:o}of e)if(n&&this.#i(n),o?.reviewItem&&this.entries.set(o.reviewItem.id,o),o?.undoes)for(let[s,r]of this.entries)r.id===o.undoes.id&&this.entries.delete(s);this.notify()}#i(e,n=!1){if(!e||this.#t.kind&&e.kind!==this.#t.kind)return;let o=this.nodes.find(({id:s})=>s===e.id);if(o){if(e.version<o.version)return;let s=e.author?{...e,body:e.body??o.body,title:e.title??o.title}:e;this.nodes=this.nodes.map(r=>r===o?s:r)}else e.state==="OPEN"&&(n||!this.hasMore)&&(this.nodes=[...this.nodes,e])}};var ge={all:null,reported:"REPORTED",held:"HELD"};function Ot({given:t}){let e=t.kind in ge?t.kind:"all",n=Ho(()=>new ne(ge[e]),[e]),[o,s]=kt(null);Fo(n),qo(()=>(n.open(),()=>n.close()),[n]);let r=Vo(n),{nodes:i,errors:l,isLoading:c,follower:$}=n,u=async(d,f)=>{let h=await n.decide(d,f),k=h.some(C=>"current"in C);return h.length?k&&Ko(d.id):(oe.announce(O(`moderation.done_${f.action}`)),Qo(d.id)),k?[]:h},g=(d,f,{asks:h=f==="REJECT"||f==="DELETE_POST"}={})=>{h?(s({item:d,action:f}),d.claimedBy||n.claim(d)):u(d,{action:f}).then(k=>k.length&&oe.show(It(k[0])))},a=(d,f)=>n.claim(d,f).then(h=>h.length&&oe.show(It(h[0])));return jo(n,{act:g,claim:a}),D`<section class="queue" aria-labelledby="queue-title">
    <div class="list-head">
      <h2 id="queue-title" class="unseen">${O("moderation.queue")}</h2>
      <nav class="filters" aria-label=${O("moderation.kinds")}>
        ${Object.keys(ge).map(d=>D`<a key=${d} class="chip" href=${Bo("queue",{kind:d==="all"?null:d})} aria-current=${d===e?"page":null}>${O(`moderation.kind_${d}`)}</a>`)}
      </nav>
      <p class="status-line list-status"><${_o} follower=${$} liveHint=${O("moderation.liveHint")} /><${To} follower=${$} /></p>
      ${n.decided>0&&D`<button type="button" class="small" data-action="clear" onClick=${()=>n.clear()}>${O("moderation.clear",{count:n.decided})}</button>`}
    </div>
    <${Ao} errors=${l}><button type="button" onClick=${()=>n.open()}>${O("page.tryAgain")}</button><//>
    <div class="review-items" aria-busy=${c}>
      ${i.map(d=>D`<${vt} key=${d.id} item=${d} isNew=${r.has(d.id)} isConflict=${n.conflicts.has(d.id)} entry=${n.entries.get(d.id)??null} act=${g} claim=${a} />`)}
    </div>
    ${c&&!i.length&&D`<${Lo} />`}
    ${!c&&!i.length&&!l.length&&D`<${Uo} icon="check" title=${O("moderation.nothingWaits")}><p>${O("moderation.nothingHint")}</p><//>`}
    ${n.hasMore&&D`<div class="sentinel"><button type="button" class="quiet" onClick=${()=>n.more()}>${O("list.more")}</button></div>`}
    ${i.length>0&&D`<p class="queue-keys hint">${O("moderation.keys",{next:D`<kbd>j</kbd>`,previous:D`<kbd>k</kbd>`})}</p>`}
    ${o&&D`<${yt} ...${o} onYes=${d=>u(o.item,{action:o.action,...d})} onClose=${()=>s(null)} />`}
  </section>`}function Vo(t){let e=Go(null),[n]=kt(new Set),o=t.nodes.map(({id:s})=>s);return St(()=>{e.current=null},[t]),St(()=>{if(t.isLoading)return;let s=e.current?o.filter(r=>!e.current.has(r)):[];e.current=new Set(o);for(let r of s)n.add(r);s.length&&oe.announce(O("moderation.arrived",{count:s.length}))},[o.join(),t.isLoading]),n}var Ct=()=>[...document.querySelectorAll("[data-review]")],Pt=t=>t.dataset.state==="OPEN";function jo(t,{act:e,claim:n}){let o=i=>{let l=Ct(),c=l.indexOf(document.activeElement.closest("[data-review]")),$=c===-1?l[i===1?0:-1]:l[c+i];if(!$)return!1;ye($)},s=()=>{let i=document.activeElement.closest("[data-review]"),l=i&&t.nodes.find(({id:c})=>c===i.dataset.review);return l?.state==="OPEN"?l:null},r=Object.entries(fe).map(([i,{key:l,kind:c}])=>[l,()=>{let $=s();if($?.kind!==c)return!1;e($,i)}]);Yo({j:()=>o(1),k:()=>o(-1),c:()=>{let i=s();if(!i)return!1;n(i,!!i.claimedBy)},...Object.fromEntries(r)})}function Ko(t){setTimeout(()=>ye(document.querySelector(`[data-review="${CSS.escape(t)}"]`)),0)}function Qo(t){let e=Ct(),n=e.findIndex(({dataset:s})=>s.review===t),o=e.slice(n+1).find(Pt)??e.slice(0,Math.max(n,0)).findLast(Pt);setTimeout(()=>ye(o??document.getElementById("main")),0)}function ye(t){t?.focus({preventScroll:!0}),"keyboard"in document.documentElement.dataset&&t?.scrollIntoView({block:"nearest",behavior:"instant"})}var Rt={queue:["moderation.queue",Ot],people:["moderation.people",bt],log:["moderation.log",nt],categories:["moderation.categories",dt]};function Jo({place:{part:t,given:e}}){let[n,o]=Rt[t];return Xo(()=>{document.title=`${se(n)} · ${zo.name}`},[t]),Dt`<main id="main" class="page moderate" tabindex="-1" data-part=${t}>
    <h1>${se("moderate.title")}</h1>
    <nav class="parts" aria-label=${se("moderation.parts")}>
      ${Object.entries(Rt).map(([s,[r]])=>Dt`<a key=${s} href=${Wo(s)} aria-current=${s===t?"page":null}>${se(r)}</a>`)}
    </nav>
    <${o} key=${t} given=${e} />
  </main>`}export{Yt as DiscussionMenu,nn as ModerateLink,Jo as ModeratePage};

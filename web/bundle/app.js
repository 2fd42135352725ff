/* Built by scripts/bundle from web/page. The licences of its libraries are in web/vendor. */
var si=Object.defineProperty;var ri=(t,e)=>{for(var n in e)si(t,n,{get:e[n],enumerable:!0})};var z,Mo,ii,Se,rn,St,qo,Et,Lo,cn,an,ai,nt=Symbol.for("pv"),It={},kt=[],ci=/^m(i|n|o|s|text|space)$/,ln=Array.isArray,un=kt.slice,Pe=Object.assign;function Ae(t){t&&t.parentNode&&t.remove()}function dn(t,e,n){var o,s,r,i={},a=arguments.length;for(r in e)r=="key"?o=e[r]:r=="ref"&&typeof t!="function"?s=e[r]:i[r]=e[r];return a>2&&(i.children=a>3?un.call(arguments,2):n),tt(t,i,o,s,null)}function tt(t,e,n,o,s){var r={type:t,props:e,key:n,ref:o,__k:null,__:null,__b:0,__e:null,__c:null,constructor:nt,__v:s||++Mo,__i:-1,__u:0};return!s&&z.vnode&&z.vnode(r),r}function ot(t){return t.children}function Ie(t,e){this.props=t,this.context=e,this.__g=0}function ke(t,e){if(e==null)return t.__&&ke(t.__,t.__i+1);for(var n;e<t.__k.length;e++)if((n=t.__k[e])&&n.__e)return n.__e;return typeof t.type!="function"||t.props.__P?null:ke(t)}function li(t){var e,n=t.__v,o=n.__e,s=[],r=[],i=t.__P;i&&((e=Pe({constructor:nt},n)).__v=n.__v+1,z.vnode&&z.vnode(e),pn(i,e,n,t.__n,i.namespaceURI,32&n.__u?[o]:null,s,o||ke(n),32&n.__u,r),e.__v=n.__v,e.__.__k[e.__i]=e,Go(s,e,r),n.__=n.__e=null,e.__e!=o&&Bo(e))}function Bo(t){if((t=t.__)&&t.__c&&!t.props.__P)return t.__e=null,t.__k.some(function(e){return e&&(t.__e=e.__e)}),Bo(t)}function Oo(t){(8&t.__g||(t.__g|=8,Se.push(t),St++))&&rn==z.debounceRendering||((rn=z.debounceRendering)||queueMicrotask)(Uo)}function Uo(){try{for(var t,e=1;Se.length;)Se.length>e&&Se.sort(qo),t=Se.shift(),e=Se.length,8&t.__g&&li(t)}finally{(St=Se.length)&&(rn||queueMicrotask)(Uo)}}function Ho(t,e,n,o,s,r,i,a,u,p,d){var m,f,h,g,w,E,y=o.__k||kt,v=e.length;for(u=ui(n,e,y,u,v),m=0;m<v;m++)(h=n.__k[m])!=null&&(f=~h.__i&&y[h.__i]||It,h.__i=m,E=pn(t,h,f,s,r,i,a,u,p,d),g=h.__e,(f.ref!=h.ref||8&f.__u)&&(f.ref&&fn(f.ref,null,h,f),h.ref&&d.push(h.ref,h.__c||g,h)),w=w||g,4&h.__u?(u=Fo(h,u,t,!f.__v),f.__e&&(f.__e=null)):typeof h.type=="function"&&E!==void 0?u=E:g&&(u=g.nextSibling),h.__u&=-21);return n.__e=w,u}function ui(t,e,n,o,s){var r,i,a,u,p,d,m,f,h,g=n.length,w=g,E=0,y=0,v=t.__k=Array(s);for(r=0;r<s;r++)(i=e[r])!=null&&typeof i!="boolean"&&typeof i!="function"?(typeof i!="object"||i.constructor===String?i=v[r]=tt(null,i):ln(i)?i=v[r]=tt(ot,{children:i}):i.constructor===nt&&i.__b?i=v[r]=tt(i.type,i.props,i.key,i.ref,i.__v):v[r]=i,u=r+E,i.__=t,i.__b=t.__b+1,a=null,~(p=i.__i=di(i,n,u,w))&&(w--,(a=n[p])&&(a.__u|=2)),a&&a.__v?(i.__u|=16,p==u-1?E--:p==u+1?E++:p!=u&&(p>u?E--:E++,y=1)):(~p||(s>g?E--:s<g&&E++),typeof i.type!="function"&&(i.__u|=4))):v[r]=null;if(y){for(d=[],m=[],r=0;r<s;r++)if((i=v[r])&&16&i.__u){for(E=0,f=d.length;E<f;)d[h=E+f>>1]<i.__i?E=h+1:f=h;d[E]=i.__i,m[r]=E+1}for(E=d.length;r--;)m[r]&&(m[r]==E?E--:v[r].__u|=4)}if(w)for(r=0;r<g;r++)!(a=n[r])||2&a.__u||(a.__e==o&&(o=ke(a)),hn(a,a));return o}function Fo(t,e,n,o){var s,r,i,a;if(typeof t.type=="function"){if(t.props.__P)return e;if(s=t.__k)for(r=0;r<s.length;r++)s[r]&&(s[r].__=t,e=Fo(s[r],e,n,!1));return e}for(e&&!e.parentNode&&(e=ke(t))&&!e.parentNode&&(e=null),i=t.__e,a=e;a&&a.nodeType==8;)a=a.nextSibling;for(i!=a&&(!o&&n.moveBefore&&i.parentNode?n.moveBefore(i,e):n.insertBefore(i,e||null)),e=i;(e=e&&e.nextSibling)&&e.nodeType==8&&!e.data.startsWith("$s"););return e}function di(t,e,n,o){var s,r=t.key,i=t.type,a=e[n],u=a&&!(2&a.__u);if(a===null&&r==null||u&&r==a.key&&i==a.type)return n;if(o>(u?1:0)){for(s=n-1;s>=0;s--)if((a=e[s])&&!(2&a.__u)&&r==a.key&&i==a.type)return s;for(s=n+1;s<e.length;s++)if((a=e[s])&&!(2&a.__u)&&r==a.key&&i==a.type)return s}return-1}function No(t,e,n){n==null&&(n=""),e[0]=="-"?t.setProperty(e,n):t[e]=n}function vt(t,e,n,o,s){var r,i;if(e=="style")if(typeof n=="string")t.style.cssText=n;else{if(typeof o=="string"&&(t.style.cssText=o=""),o)for(e in o)n&&e in n||No(t.style,e);if(n)for(e in n)o&&n[e]==o[e]||No(t.style,e,n[e])}else if(e[0]=="o"&&e[1]=="n")typeof n!="function"&&(n=null),typeof o!="function"&&(o=null),(t.__e||(t.__e={}))[e]=n,n&&o||(i=an[e]||(an[e]=pi(e)),(t.__a||(t.__a={}))[e]=cn,r=e!=(e=e.replace(Lo,"$1")),(e=e.slice(2))[0]<"a"&&(e=e.toLowerCase()),n?t.addEventListener(e,i,r):t.removeEventListener(e,i,r));else{if(s=="http://www.w3.org/2000/svg")e=e.replace(/xlink(H|:h)/,"h").replace(/sName$/,"s");else if(e!="width"&&e!="height"&&e!="href"&&e!="list"&&e!="form"&&e!="tabIndex"&&e!="download"&&e!="rowSpan"&&e!="colSpan"&&e!="role"&&e!="popover"&&e in t)try{return void(t[e]=n??"")}catch{}if(typeof n=="function")return;n==null||n===!1&&e[4]!="-"?t.removeAttribute(e):t.setAttribute(e,e=="popover"&&n==1?"":n)}}function pi(t){return function(e){var n=this.__e;if(n){if(n=n[t],e[Et]==null)e[Et]=cn++;else if(e[Et]<this.__a[t])return;return n(z.event?z.event(e):e)}}}function pn(t,e,n,o,s,r,i,a,u,p){var d,m,f,h,g,w,E,y,v,b,k,G,R,$,S,x,D,B,M=e.type;if(e.constructor!==nt)return null;128&n.__u&&(u=32&n.__u,d=n.__c.__z)&&(e.__u|=u,m=r=[],d.nodeType==8?a=xt(d,r):r.push(d),a=r[0]||a),(d=z.__b)&&d(e);e:if(typeof M=="function"){f=i.length;try{if(y=e.props,v=(d=M.prototype)&&d.render,b=(d=M.contextType)&&o[d.__c],k=d?b?b.props.value:d.__:o,(h=n.__c)?(e.__c=h,2&h.__g&&(h.__g|=1)):(v?e.__c=h=new M(y,k):(e.__c=h=new Ie(y,k),h.constructor=M,h.render=hi),b&&b.sub(h),h.state||(h.state={}),h.__n=o,h.__g|=8,h.__h=[],h.__k=[]),v&&(h.__s||(h.__s=h.state),M.getDerivedStateFromProps&&(h.__s==h.state&&(h.__s=Pe({},h.__s)),Pe(h.__s,M.getDerivedStateFromProps(y,h.__s)))),g=h.props,w=h.state,h.__v=e,n.__c){if(y!==g&&v&&!M.getDerivedStateFromProps&&h.componentWillReceiveProps&&h.componentWillReceiveProps(y,k),e.__v==n.__v&&!(8&h.__g)||!(4&h.__g)&&h.shouldComponentUpdate&&h.shouldComponentUpdate(y,h.__s,k)===!1){e.__v!=n.__v&&(h.props=y,h.state=h.__s,h.__g&=-9),e.__e=n.__e,e.__k=n.__k,e.__k.some(function(H){H&&(H.__=e)}),kt.push.apply(h.__h,h.__k),h.__k=[],h.__h.length&&i.push(h),a=ke(n);break e}h.componentWillUpdate&&h.componentWillUpdate(y,h.__s,k),v&&h.componentDidUpdate&&h.__h.push(function(){h.componentDidUpdate(g,w,E)})}else v&&!M.getDerivedStateFromProps&&h.componentWillMount&&h.componentWillMount(),v&&h.componentDidMount&&h.__h.push(h.componentDidMount);h.context=k,h.props=y,h.__P=t,h.__g&=-5,G=z.__r,R=v?25:0;do h.__g&=-9,G&&G(e),d=h.render(h.props,h.state=h.__s,h.context);while(8&h.__g&&++R<25);v&&(kt.push.apply(h.__h,h.__k),h.__k=[]),h.state=h.__s,h.getChildContext&&(o=Pe({},o,h.getChildContext())),v&&n.__c&&h.getSnapshotBeforeUpdate&&(E=h.getSnapshotBeforeUpdate(g,w)),$=d&&d.type===ot&&d.key==null?d.props.children:d,y.__P&&(d=a,s=(t=y.__P).namespaceURI,u=r=null,n.props&&n.props.__P!=t&&(n.__k.some(function(H){H&&hn(H,H)}),n.__k=null),a=n.__k?ke(n,0):null),a=Ho(t,ln($)?$:[$],e,n,o,s,r,i,a,u,p),y.__P&&(e.__e=null,a=d),e.__u&=-161,m&&m.some(Ae),h.__h.length&&i.push(h),1&h.__g&&(h.__g&=-4)}catch(H){if(i.length=f,e.__v=null,u||r)if(H&&H.then){if(e.__u|=128|u,r){for(~(D=r.indexOf(a||void 0))||(D=r.length);(B=r[D-1])&&B.nodeType==8;)D--;for(;D<r.length;D++)if(B=r[D])if(r[D]=null,S){if(B==x)break}else{if(B.nodeType!=8)break;B.data.startsWith("$s")&&(x=xt(S=B))}}if(!S){for(;a&&a.nodeType==8&&a.nextSibling;)a=a.nextSibling;S=a}(d=xt(S=e.__c.__z||(e.__c.__z=S)))?(e.__e=S,a=d):e.__e=a,a=a&&a.nextSibling}else r&&r.some(Ae);else e.__e=n.__e;e.__k||(e.__k=n.__k||[]),H&&H.then||Wo(e),z.__e(H,e,n)}}else a=e.__e=fi(n.__e,e,n,o,s,r,i,u,p,t);return(d=z.diffed)&&d(e),a}function xt(t,e){if(t&&t.nodeType==8&&t.data.startsWith("$s"))for(var n=1;t=t.nextSibling;){if(t.nodeType==8){if(t.data.startsWith("$s"))n++;else if(t.data.startsWith("/$s")&&!--n)return t}e&&e.push(t)}}function Wo(t){t&&(t.__c&&(t.__c.__g|=4),t.__k&&t.__k.some(Wo))}function Go(t,e,n){for(var o=0;o<n.length;)fn(n[o++],n[o++],n[o++]);z.__c&&z.__c(e,t),t.some(function(s){try{t=s.__h,s.__h=[],t.some(function(r){r.call(s)})}catch(r){z.__e(r,s.__v)}})}function fi(t,e,n,o,s,r,i,a,u,p){var d,m,f,h,g,w,E,y,v=n.props||It,b=e.props,k=e.type;if(k=="svg"?s="http://www.w3.org/2000/svg":k=="math"?s="http://www.w3.org/1998/Math/MathML":s||(s="http://www.w3.org/1999/xhtml"),r){for(d=0;d<r.length;d++)if((g=r[d])&&(k?g.localName==k:g.nodeType==3)){t=g,r[d]=null;break}}if(!t){if(y=p.ownerDocument||document,!k)return y.createTextNode(b);t=y.createElementNS(s,k,b.is?b:p),a&&(z.__m&&z.__m(e,r),a=!1),r=null}if(k){if(p=k=="template"&&t.content||t,r=k=="textarea"&&b.defaultValue!=null?null:r&&un.call(p.childNodes),!a&&r)for(v={},d=0;d<t.attributes.length;d++)v[(g=t.attributes[d]).name]=g.value;for(d in v)g=v[d],d=="dangerouslySetInnerHTML"?f=g:d=="children"||d in b||d=="value"&&"defaultValue"in b||d=="checked"&&"defaultChecked"in b||vt(t,d,null,g,s);for(d in b)g=b[d],d=="children"?h=g:d=="dangerouslySetInnerHTML"?m=g:d=="value"?w=g:d=="checked"?E=g:a&&typeof g!="function"||v[d]===g||vt(t,d,g,v[d],s);m?(a||f&&(m.__html==f.__html||m.__html==t.innerHTML)||(t.innerHTML=m.__html),e.__k=[]):(f&&(t.textContent=""),(k=="foreignObject"||s=="http://www.w3.org/1998/Math/MathML"&&ci.test(k))&&(s="http://www.w3.org/1999/xhtml"),Ho(p,ln(h)?h:[h],e,n,o,s,r,i,r?r[0]:n.__k&&ke(n,0),a,u),r&&r.some(Ae)),a&&k!="textarea"||(d="value",k=="progress"&&w==null?t.removeAttribute(d):w==null||w===t[d]&&(k!="progress"||w)||vt(t,d,w,v[d],s),d="checked",E!=null&&E!=t[d]&&vt(t,d,E,v[d],s))}else v===b||a&&t.data==b||(t.data=b);return t}function fn(t,e,n,o){try{typeof t=="function"?e?e.__x=t(e)||1:o&&(o=o.__c||o.__e)&&(e=o.__x)&&(o.__x=null,typeof e=="function"?e():t(null)):t.current=e}catch(s){z.__e(s,n)}}function hn(t,e,n){var o,s,r,i;if(z.unmount&&z.unmount(t),!(o=t.ref)||o.current&&o.current!=t.__e||fn(o,null,e,t),o=t.__c){if(o.componentWillUnmount)try{o.componentWillUnmount()}catch(a){z.__e(a,e)}o.__P=o.__n=null}if(o=t.__k)for(i=0;i<o.length;i++)o[i]&&hn(o[i],e,typeof t.type!="function"||n&&!t.props.__P);!n&&(o=t.__c)&&(o=o.__z)&&(s=xt(o,r=[]))&&(o==t.__e&&r.some(Ae),Ae(s),Ae(o)),n||Ae(t.__e),t.__e=t.__c=t.__=null}function hi(t,e,n){return this.constructor(t,n)}function st(t,e){var n,o,s,r;z.__&&z.__(t,e),e.nodeType==9&&(e=e.documentElement),o=(n=t&&32&t.__u)?null:e.__k,e.__k=tt(ot,{children:[t]}),s=[],r=[],pn(e,e.__k,o||It,It,e.namespaceURI,o?null:e.firstChild?un.call(e.childNodes):null,s,o?o.__e:e.firstChild,n,r),Go(s,e.__k,r),e.__k.props.children=null}z={__e:function(t,e,n,o){for(var s,r,i;e=e.__;)if((s=e.__c)&&!(1&s.__g)){s.__g|=4;try{if((i=(r=s.constructor)&&r.getDerivedStateFromError)&&s.setState(r.getDerivedStateFromError(t)),s.componentDidCatch&&(s.componentDidCatch(t,o||{}),i=1),i&&8&s.__g)return void(s.__g|=2)}catch(a){t=a}}throw St=0,t}},Mo=0,ii=function(t){return t!=null&&t.constructor===nt},Ie.prototype.setState=function(t,e){var n=this.__s;n&&n!=this.state||(n=this.__s=Pe({},this.state)),typeof t=="function"&&(t=t(Pe({},n),this.props)),t&&(Pe(n,t),this.__v&&(e&&this.__k.push(e),Oo(this)))},Ie.prototype.forceUpdate=function(t){this.__v&&(this.__g|=4,t&&this.__h.push(t),Oo(this))},Ie.prototype.render=ot,Se=[],St=0,qo=function(t,e){return t.__v.__b-e.__v.__b},Et=Symbol(),Lo=/(PointerCapture)$|Capture$/i,cn=0,an={},ai=0;var Vo=function(t,e,n,o){var s;e[0]=0;for(var r=1;r<e.length;r++){var i=e[r++],a=e[r]?(e[0]|=i?1:2,n[e[r++]]):e[++r];i===3?o[0]=a:i===4?o[1]=Object.assign(o[1]||{},a):i===5?(o[1]=o[1]||{})[e[++r]]=a:i===6?o[1][e[++r]]+=a+"":i?(s=t.apply(a,Vo(t,a,n,["",null])),o.push(s),a[0]?e[0]|=2:(e[r-2]=0,e[r]=s)):o.push(a)}return o},jo=new Map;function Ko(t){var e=jo.get(this);return e||(e=new Map,jo.set(this,e)),(e=Vo(this,e.get(t)||(e.set(t,e=(function(n){for(var o,s,r=1,i="",a="",u=[0],p=function(f){r===1&&(f||(i=i.replace(/^\s*\n\s*|\s*\n\s*$/g,"")))?u.push(0,f,i):r===3&&(f||i)?(u.push(3,f,i),r=2):r===2&&i==="..."&&f?u.push(4,f,0):r===2&&i&&!f?u.push(5,0,!0,i):r>=5&&((i||!f&&r===5)&&(u.push(r,0,i,s),r=6),f&&(u.push(r,f,0,s),r=6)),i=""},d=0;d<n.length;d++){d&&(r===1&&p(),p(d));for(var m=0;m<n[d].length;m++)o=n[d][m],r===1?o==="<"?(p(),u=[u],r=3):i+=o:r===4?i==="--"&&o===">"?(r=1,i=""):i=o+i[0]:a?o===a?a="":i+=o:o==='"'||o==="'"?a=o:o===">"?(p(),r=1):r&&(o==="="?(r=5,s=i,i=""):o==="/"&&(r<5||n[d][m+1]===">")?(p(),r===3&&(u=u[0]),r=u,(u=u[0]).push(2,0,r),r=0):o===" "||o==="	"||o===`
`||o==="\r"?(p(),r=2):i+=o),r===3&&i==="!--"&&(r=4,u=u[0])}return p(),u})(t)),e),arguments,[])).length>1?e:e[0]}function mn(t){return typeof t=="object"&&t!==null}var zo="x-graphql-event-stream-token";function Yo(t){if(t=t,t!=="next"&&t!=="complete")throw new Error(`Invalid stream event "${t}"`);return t}function Qo(t,e){if(e)try{e=JSON.parse(e)}catch{throw new Error("Invalid stream data")}if(t==="next"&&!e)throw new Error('Stream data must be an object for "next" events');return e||null}var Oe;(function(t){t[t.NewLine=10]="NewLine",t[t.CarriageReturn=13]="CarriageReturn",t[t.Space=32]="Space",t[t.Colon=58]="Colon"})(Oe||(Oe={}));function Jo(){let t,e,n,o=!1,s={event:"",data:""},r=[],i=new TextDecoder;return function(u){if(t===void 0)t=u,e=0,n=-1;else{let m=new Uint8Array(t.length+u.length);m.set(t),m.set(u,t.length),t=m}let p=t.length,d=0;for(;e<p;){o&&(t[e]===Oe.NewLine&&(d=++e),o=!1);let m=-1;for(;e<p&&m===-1;++e)switch(t[e]){case Oe.Colon:n===-1&&(n=e-d);break;case Oe.CarriageReturn:o=!0;case Oe.NewLine:m=e;break}if(m===-1)break;if(d===m){if(s.event||s.data){if(!s.event)throw new Error("Missing message event");let f=Yo(s.event),h=Qo(f,s.data);r.push({event:f,data:h}),s={event:"",data:""}}}else if(n>0){let f=t.subarray(d,m),h=i.decode(f.subarray(0,n)),g=n+(f[n+1]===Oe.Space?2:1),w=i.decode(f.subarray(g));switch(h){case"event":s.event=w;break;case"data":s.data=s.data?s.data+`
`+w:w;break}}d=e,n=-1}if(d===p){t=void 0;let m=[...r];return r=[],m}else d!==0&&(t=t.subarray(d),e-=d)}}function $n(t){let{singleConnection:e=!1,lazy:n=!0,lazyCloseTimeout:o=0,onNonLazyError:s=console.error,generateID:r=function(){return"xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx".replace(/[xy]/g,S=>{let x=Math.random()*16|0;return(S=="x"?x:x&3|8).toString(16)})},retryAttempts:i=5,retry:a=async function(S){let x=1e3;for(let D=0;D<S;D++)x*=2;await new Promise(D=>setTimeout(D,x+Math.floor(Math.random()*2700+300)))},credentials:u="same-origin",referrer:p,referrerPolicy:d,onMessage:m,on:f}=t,h=t.fetchFn||fetch,g=t.abortControllerImpl||AbortController,w=(()=>{let $=!1,S=[];return{get disposed(){return $},onDispose(x){return $?(setTimeout(()=>x(),0),()=>{}):(S.push(x),()=>{S.splice(S.indexOf(x),1)})},dispose(){if(!$){$=!0;for(let x of[...S])x()}}}})(),E,y,v=0,b=null,k=0;async function G(){try{if(w.disposed)throw new Error("Client has been disposed");return await(y??(y=(async()=>{var $,S,x;if(b){if(await a(k),E.signal.aborted)throw new Error("Connection aborted by the client");k++}($=f?.connecting)===null||$===void 0||$.call(f,!!b),E=new g;let D=w.onDispose(()=>E.abort());E.signal.addEventListener("abort",()=>{D(),y=void 0});let B=t,M=typeof B.url=="function"?await B.url(void 0):B.url;if(E.signal.aborted)throw new Error("Connection aborted by the client");let H=typeof B.headers=="function"?await B.headers(void 0):(S=B.headers)!==null&&S!==void 0?S:{};if(E.signal.aborted)throw new Error("Connection aborted by the client");let C;try{C=await h(M,{signal:E.signal,method:"PUT",credentials:u,referrer:p,referrerPolicy:d,headers:H})}catch(O){throw new ce(O)}if(C.status!==201)throw new ce(C);let F=await C.text();H[zo]=F;let A=await Xo({signal:E.signal,headers:H,credentials:u,referrer:p,referrerPolicy:d,url:M,fetchFn:h,onMessage:O=>{var U;(U=f?.message)===null||U===void 0||U.call(f,O),m?.(O)}});return(x=f?.connected)===null||x===void 0||x.call(f,!!b),A.waitForThrow().catch(()=>y=void 0),A})()))}catch($){throw y=void 0,$}}e&&!n&&(async()=>{for(v++;;)try{let{waitForThrow:$}=await G();await $()}catch($){if(w.disposed)return;if(!($ instanceof ce)||(y=void 0,!i||k>=i))return s?.($);b=$}})();function R($,S,x){if(!e){let M=new g,H=w.onDispose(()=>{H(),M.abort()});return(async()=>{var C,F,A,O,U;let W=null,q=0;for(;;)try{if(W){if(await a(q),M.signal.aborted)throw new Error("Connection aborted by the client");q++}(C=f?.connecting)===null||C===void 0||C.call(f,!!W),(F=x?.connecting)===null||F===void 0||F.call(x,!!W);let Z=t,Ee=typeof Z.url=="function"?await Z.url($):Z.url;if(M.signal.aborted)throw new Error("Connection aborted by the client");let Ue=typeof Z.headers=="function"?await Z.headers($):(A=Z.headers)!==null&&A!==void 0?A:{};if(M.signal.aborted)throw new Error("Connection aborted by the client");let{getResults:xe}=await Xo({signal:M.signal,headers:{...Ue,"content-type":"application/json; charset=utf-8"},credentials:u,referrer:p,referrerPolicy:d,url:Ee,body:JSON.stringify($),fetchFn:h,onMessage:X=>{var ee,He;(ee=f?.message)===null||ee===void 0||ee.call(f,X),(He=x?.message)===null||He===void 0||He.call(x,X),m?.(X)}});(O=f?.connected)===null||O===void 0||O.call(f,!!W),(U=x?.connected)===null||U===void 0||U.call(x,!!W);for await(let X of xe())W=null,q=0,S.next(X);return M.abort()}catch(Z){if(M.signal.aborted)return;if(!(Z instanceof ce)||!i||q>=i)throw Z;W=Z}})().then(()=>S.complete()).catch(C=>S.error(C)),()=>M.abort()}v++;let D=new g,B=w.onDispose(()=>{B(),D.abort()});return(async()=>{let M=r();$={...$,extensions:{...$.extensions,operationId:M}};let H=null;for(;;){H=null;try{let{url:C,headers:F,getResults:A}=await G(),O;try{O=await h(C,{signal:D.signal,method:"POST",credentials:u,referrer:p,referrerPolicy:d,headers:{...F,"content-type":"application/json; charset=utf-8"},body:JSON.stringify($)})}catch(U){throw new ce(U)}if(O.status!==202)throw new ce(O);H=async()=>{let U;try{let W=new g,q=w.onDispose(()=>{q(),W.abort()});U=await h(C+"?operationId="+M,{signal:W.signal,method:"DELETE",credentials:u,referrer:p,referrerPolicy:d,headers:F})}catch(W){throw new ce(W)}if(U.status!==200)throw new ce(U)};for await(let U of A({signal:D.signal,operationId:M}))b=null,k=0,S.next(U);return H=null,D.abort()}catch(C){if(D.signal.aborted)return await H?.();if(!(C instanceof ce)||(n&&(y=void 0),!i||k>=i))throw D.abort(),C;b=C}finally{D.signal.aborted&&--v===0&&(isFinite(o)&&o>0?setTimeout(()=>{v||E.abort()},o):E.abort())}}})().then(()=>S.complete()).catch(M=>S.error(M)),()=>D.abort()}return{subscribe:R,iterate($,S){let x=[],D={done:!1,error:null,resolve:()=>{}},B=R($,{next(H){x.push(H),D.resolve()},error(H){D.done=!0,D.error=H,D.resolve()},complete(){D.done=!0,D.resolve()}},S),M=(async function*(){for(;;){for(x.length||await new Promise(C=>D.resolve=C);x.length;)yield x.shift();if(D.error)throw D.error;if(D.done)return}})();return M.throw=async H=>(D.done||(D.done=!0,D.error=H,D.resolve()),{done:!0,value:void 0}),M.return=async()=>(B(),{done:!0,value:void 0}),M},dispose(){w.dispose()}}}var ce=class extends Error{constructor(e){let n,o;mi(e)?(o=e,n="Server responded with "+e.status+": "+e.statusText):e instanceof Error?n=e.message:n=String(e),super(n),this.name=this.constructor.name,this.response=o}};function mi(t){return mn(t)&&typeof t.ok=="boolean"&&typeof t.status=="number"&&typeof t.statusText=="string"}async function Xo(t){let{signal:e,url:n,credentials:o,headers:s,body:r,referrer:i,referrerPolicy:a,fetchFn:u,onMessage:p}=t,d={},m={},f;try{f=await u(n,{signal:e,method:r?"POST":"GET",credentials:o,referrer:i,referrerPolicy:a,headers:{...s,accept:"text/event-stream"},body:r})}catch(w){throw new ce(w)}if(!f.ok)throw new ce(f);if(!f.body)throw new Error("Missing response body");let h=null,g;return(async()=>{var w;try{let E=Jo();for await(let y of $i(f.body)){if(typeof y=="string")throw h=new Error(`Unexpected string chunk "${y}"`);let v;try{v=E(y)}catch(b){throw h=b}if(v)for(let b of v){try{p?.(b)}catch(G){throw h=G}let k=b.data&&"id"in b.data?b.data.id:"";switch(k in m||(m[k]=[]),b.event){case"next":k?m[k].push(b.data.payload):m[k].push(b.data);break;case"complete":m[k].push("complete");break;default:throw h=new Error(`Unexpected message event "${b.event}"`)}(w=d[k])===null||w===void 0||w.proceed()}}if(Object.keys(d).length)throw new Error("Connection closed while having active streams")}catch(E){!h&&Object.keys(d).length?h=new ce(E):h=E,g?.(h)}finally{Object.values(d).forEach(({proceed:E})=>E())}})(),{url:n,headers:s,waitForThrow:()=>new Promise((w,E)=>{if(h)return E(h);g=E}),async*getResults(w){var E;let{signal:y,operationId:v=""}=w??{};try{for(;;){for(;!((E=m[v])===null||E===void 0)&&E.length;){let b=m[v].shift();if(b==="complete")return;yield b}if(h)throw h;if(y?.aborted)throw new Error("Getting results aborted by the client");await new Promise(b=>{let k=()=>{y?.removeEventListener("abort",k),delete d[v],b()};y?.addEventListener("abort",k),d[v]={proceed:k}})}}finally{delete m[v]}}}}function $i(t){return typeof Object(t)[Symbol.asyncIterator]=="function"?(t=t,t):(async function*(){let e=t.getReader(),n;do n=await e.read(),n.value!==void 0&&(yield n.value);while(!n.done)})()}function le(t){return t===null?"null":Array.isArray(t)?"array":typeof t}function Te(t){return le(t)==="object"}function gi(t){return Array.isArray(t)&&t.length>0&&t.every(e=>"message"in e)}function gn(t,e){return t.length<124?t:e}var Zo="graphql-transport-ws";var ue=(t=>(t[t.InternalServerError=4500]="InternalServerError",t[t.InternalClientError=4005]="InternalClientError",t[t.BadRequest=4400]="BadRequest",t[t.BadResponse=4004]="BadResponse",t[t.Unauthorized=4401]="Unauthorized",t[t.Forbidden=4403]="Forbidden",t[t.SubprotocolNotAcceptable=4406]="SubprotocolNotAcceptable",t[t.ConnectionInitialisationTimeout=4408]="ConnectionInitialisationTimeout",t[t.ConnectionAcknowledgementTimeout=4504]="ConnectionAcknowledgementTimeout",t[t.SubscriberAlreadyExists=4409]="SubscriberAlreadyExists",t[t.TooManyInitialisationRequests=4429]="TooManyInitialisationRequests",t))(ue||{}),de=(t=>(t.ConnectionInit="connection_init",t.ConnectionAck="connection_ack",t.Ping="ping",t.Pong="pong",t.Subscribe="subscribe",t.Next="next",t.Error="error",t.Complete="complete",t))(de||{});function yn(t){if(!Te(t))throw new Error(`Message is expected to be an object, but got ${le(t)}`);if(!t.type)throw new Error("Message is missing the 'type' property");if(typeof t.type!="string")throw new Error(`Message is expects the 'type' property to be a string, but got ${le(t.type)}`);switch(t.type){case"connection_init":case"connection_ack":case"ping":case"pong":{if(t.payload!=null&&!Te(t.payload))throw new Error(`"${t.type}" message expects the 'payload' property to be an object or nullish or missing, but got "${t.payload}"`);break}case"subscribe":{if(typeof t.id!="string")throw new Error(`"${t.type}" message expects the 'id' property to be a string, but got ${le(t.id)}`);if(!t.id)throw new Error(`"${t.type}" message requires a non-empty 'id' property`);if(!Te(t.payload))throw new Error(`"${t.type}" message expects the 'payload' property to be an object, but got ${le(t.payload)}`);if(typeof t.payload.query!="string")throw new Error(`"${t.type}" message payload expects the 'query' property to be a string, but got ${le(t.payload.query)}`);if(t.payload.variables!=null&&!Te(t.payload.variables))throw new Error(`"${t.type}" message payload expects the 'variables' property to be a an object or nullish or missing, but got ${le(t.payload.variables)}`);if(t.payload.operationName!=null&&le(t.payload.operationName)!=="string")throw new Error(`"${t.type}" message payload expects the 'operationName' property to be a string or nullish or missing, but got ${le(t.payload.operationName)}`);if(t.payload.extensions!=null&&!Te(t.payload.extensions))throw new Error(`"${t.type}" message payload expects the 'extensions' property to be a an object or nullish or missing, but got ${le(t.payload.extensions)}`);break}case"next":{if(typeof t.id!="string")throw new Error(`"${t.type}" message expects the 'id' property to be a string, but got ${le(t.id)}`);if(!t.id)throw new Error(`"${t.type}" message requires a non-empty 'id' property`);if(!Te(t.payload))throw new Error(`"${t.type}" message expects the 'payload' property to be an object, but got ${le(t.payload)}`);break}case"error":{if(typeof t.id!="string")throw new Error(`"${t.type}" message expects the 'id' property to be a string, but got ${le(t.id)}`);if(!t.id)throw new Error(`"${t.type}" message requires a non-empty 'id' property`);if(!gi(t.payload))throw new Error(`"${t.type}" message expects the 'payload' property to be an array of GraphQL errors, but got ${JSON.stringify(t.payload)}`);break}case"complete":{if(typeof t.id!="string")throw new Error(`"${t.type}" message expects the 'id' property to be a string, but got ${le(t.id)}`);if(!t.id)throw new Error(`"${t.type}" message requires a non-empty 'id' property`);break}default:throw new Error(`Invalid message 'type' property "${t.type}"`)}return t}function es(t,e){return yn(typeof t=="string"?JSON.parse(t,e):t)}function Fe(t,e){return yn(t),JSON.stringify(t,e)}function _n(t){let{url:e,connectionParams:n,lazy:o=!0,onNonLazyError:s=console.error,lazyCloseTimeout:r=0,keepAlive:i=0,disablePong:a,connectionAckWaitTimeout:u=0,retryAttempts:p=5,retryWait:d=async function(F){let A=Math.pow(2,F);await new Promise(O=>setTimeout(O,A*1e3+Math.floor(Math.random()*2700+300)))},shouldRetry:m=bn,on:f,webSocketImpl:h,generateID:g=function(){return"xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx".replace(/[xy]/g,F=>{let A=Math.random()*16|0;return(F=="x"?A:A&3|8).toString(16)})},jsonMessageReplacer:w,jsonMessageReviver:E}=t,y;if(h){if(!bi(h))throw new Error("Invalid WebSocket implementation provided");y=h}else typeof WebSocket<"u"?y=WebSocket:typeof global<"u"?y=global.WebSocket||global.MozWebSocket:typeof window<"u"&&(y=window.WebSocket||window.MozWebSocket);if(!y)throw new Error("WebSocket implementation missing; on Node you can `import WebSocket from 'ws';` and pass `webSocketImpl: WebSocket` to `createClient`");let v=y,b=(()=>{let C=(()=>{let A={};return{on(O,U){return A[O]=U,()=>{delete A[O]}},emit(O){"id"in O&&A[O.id]?.(O)}}})(),F={connecting:f?.connecting?[f.connecting]:[],opened:f?.opened?[f.opened]:[],connected:f?.connected?[f.connected]:[],ping:f?.ping?[f.ping]:[],pong:f?.pong?[f.pong]:[],message:f?.message?[C.emit,f.message]:[C.emit],closed:f?.closed?[f.closed]:[],error:f?.error?[f.error]:[]};return{onMessage:C.on,on(A,O){let U=F[A];return U.push(O),()=>{let W=U.indexOf(O);W>-1&&U.splice(W,1)}},emit(A,...O){for(let U of[...F[A]])U(...O)}}})();function k(C){let F=[b.on("error",A=>{F.forEach(O=>O()),C(A)}),b.on("closed",A=>{F.forEach(O=>O()),C(A)})];return()=>F.forEach(A=>A())}let G,R=0,$,S=!1,x=0,D=!1;async function B(){clearTimeout($);let[C,F]=await(G??(G=new Promise((U,W)=>(async()=>{if(S){if(await d(x),!R)return G=void 0,W({code:1e3,reason:"All Subscriptions Gone"});x++}b.emit("connecting",S);let q=new v(typeof e=="function"?await e():e,Zo),Z,Ee;function Ue(){isFinite(i)&&i>0&&(clearTimeout(Ee),Ee=setTimeout(()=>{q.readyState===v.OPEN&&(q.send(Fe({type:de.Ping})),b.emit("ping",!1,void 0))},i))}k(X=>{G=void 0,clearTimeout(Z),clearTimeout(Ee),W(X),X instanceof Tt&&(q.close(4499,"Terminated"),q.onerror=null,q.onclose=null)}),q.onerror=X=>b.emit("error",X),q.onclose=X=>b.emit("closed",X),q.onopen=async()=>{try{b.emit("opened",q);let X=typeof n=="function"?await n():n;if(q.readyState!==v.OPEN)return;q.send(Fe(X?{type:de.ConnectionInit,payload:X}:{type:de.ConnectionInit},w)),isFinite(u)&&u>0&&(Z=setTimeout(()=>{q.close(ue.ConnectionAcknowledgementTimeout,"Connection acknowledgement timeout")},u)),Ue()}catch(X){b.emit("error",X),q.close(ue.InternalClientError,gn(X instanceof Error?X.message:String(X),"Internal client error"))}};let xe=!1;q.onmessage=({data:X})=>{try{let ee=es(X,E);if(b.emit("message",ee),ee.type==="ping"||ee.type==="pong"){b.emit(ee.type,!0,ee.payload),ee.type==="pong"?Ue():a||(q.send(Fe(ee.payload?{type:de.Pong,payload:ee.payload}:{type:de.Pong},w)),b.emit("pong",!1,ee.payload));return}if(xe)return;if(ee.type!==de.ConnectionAck)throw new Error(`First message cannot be of type ${ee.type}`);clearTimeout(Z),xe=!0,b.emit("connected",q,ee.payload,S),S=!1,x=0;let He=new Promise((Kc,oi)=>k(oi));He.catch(()=>{}),U([q,He])}catch(ee){q.onmessage=null,b.emit("error",ee),q.close(ue.BadResponse,gn(ee instanceof Error?ee.message:String(ee),"Bad response"))}}})())));C.readyState===v.CLOSING&&await F;let A=()=>{},O=new Promise(U=>A=U);return[C,A,new Promise((U,W)=>{let q=k(W);C.readyState!==v.OPEN&&F.catch(W),O.then(()=>{if(q(),!R){let Z=()=>C.close(1e3,"Normal Closure");isFinite(r)&&r>0?(clearTimeout($),$=setTimeout(()=>{!R&&C.readyState===v.OPEN&&Z()},r)):Z()}U()})})]}function M(C){if(bn(C)&&(yi(C.code)||[ue.InternalServerError,ue.InternalClientError,ue.BadRequest,ue.BadResponse,ue.Unauthorized,ue.SubprotocolNotAcceptable,ue.SubscriberAlreadyExists,ue.TooManyInitialisationRequests].includes(C.code)))throw C;if(D)return!1;if(bn(C)&&C.code===1e3)return R>0;if(!p||x>=p||!m(C))throw C;return S=!0}o||(async()=>{for(R++;;)try{let[,,C]=await B();await C}catch(C){try{if(!M(C))return}catch(F){return s?.(F)}}})();function H(C,F){let A=g(C),O=!1,U=!1,W=()=>{R--,O=!0};return(async()=>{for(R++;;)try{let[q,Z,Ee]=await B();if(O)return Ee.catch(()=>{}),Z();let Ue=b.onMessage(A,xe=>{switch(xe.type){case de.Next:{F.next(xe.payload);return}case de.Error:{U=!0,O=!0,F.error(xe.payload),W();return}case de.Complete:{O=!0,W();return}}});q.send(Fe({id:A,type:de.Subscribe,payload:C},w)),W=()=>{!O&&q.readyState===v.OPEN&&q.send(Fe({id:A,type:de.Complete},w)),R--,O=!0,Z()},await Ee.finally(Ue);return}catch(q){if(!M(q))return}})().then(()=>{U||F.complete()}).catch(q=>{F.error(q)}),()=>{O||W()}}return{on:b.on,subscribe:H,iterate(C){let F=[],A={done:!1,error:null,resolve:()=>{}},O=H(C,{next(W){F.push(W),A.resolve()},error(W){A.done=!0,A.error=W,A.resolve()},complete(){A.done=!0,A.resolve()}}),U=(async function*(){for(;;){for(F.length||await new Promise(q=>A.resolve=q);F.length;)yield F.shift();if(A.error)throw A.error;if(A.done)return}})();return U.throw=async W=>(A.done||(A.done=!0,A.error=W,A.resolve()),{done:!0,value:void 0}),U.return=async()=>(O(),{done:!0,value:void 0}),U},async dispose(){if(D=!0,G){let[C]=await G;C.close(1e3,"Normal Closure")}},terminate(){G&&b.emit("closed",new Tt)}}}var Tt=class extends Error{name="TerminatedCloseEvent";message="4499: Terminated";code=4499;reason="Terminated";wasClean=!1};function bn(t){return Te(t)&&"code"in t&&"reason"in t}function yi(t){return[1e3,1001,1006,1005,1012,1013,1014].includes(t)?!1:t>=1e3&&t<=1999}function bi(t){return typeof t=="function"&&"constructor"in t&&"CLOSED"in t&&"CLOSING"in t&&"CONNECTING"in t&&"OPEN"in t}var We,oe,wn,ts,vn=Object.is,Ct=0,us=[],En=[],te=z,ns=te.__b,os=te.__r,ss=te.diffed,rs=te.__c,is=te.unmount,as=te.__;function Dt(t,e){te.__h&&te.__h(oe,t,Ct||e),Ct=0;var n=oe.__H||(oe.__H={__:[],__h:[]});return t>=n.__.length&&n.__.push({}),n.__[t]}function I(t){return Ct=1,_i(ds,t)}function _i(t,e,n){var o=Dt(We++,2);if(o.t=t,!o.__c&&(o.__=[n?n(e):ds(void 0,e),function(r){var i=(o.__N||o.__)[0],a=o.t(i,r);vn(i,a)||(o.__N=[a,o.__[1]],o.__c.setState({}))}],o.__c=oe,!oe.__f)){oe.__f=!0;var s=oe.shouldComponentUpdate;oe.shouldComponentUpdate=function(r,i,a){var u=this.__H;if(!u)return!0;var p=!1,d=this.props!=r;if(u.__.some(function(f){f.__N&&(p=!0,vn(f.__[0],f.__N[0])||(d=!0))}),s){var m=s.call(this,r,i,a);return p?m||d:m}return!p||d}}return o.__}function L(t,e){var n=Dt(We++,3);!te.__s&&Sn(n.__H,e)&&(n.__P=!0,n.__=t,n.u=e,oe.__H.__h.push(n))}function j(t,e){var n=Dt(We++,4);!te.__s&&Sn(n.__H,e)&&(n.__P=!1,n.__=t,n.u=e,oe.__h.push(n))}function N(t){return Ct=5,me(function(){return{current:t}},[])}function me(t,e){var n=Dt(We++,7);return Sn(n.__H,e)&&(n.__=t(),n.__H=e),n.__}function wi(){var t;do{for(;t=En.shift();)try{rt(t)}catch(n){te.__e(n,{__:(t=t.__P)&&t.__v})}for(;t=us.shift();){var e=t.__H;if(t.__P&&e)try{e.__h.some(rt),e.__h.some(xn),e.__h=[]}catch(n){e.__h=[],te.__e(n,t.__v)}}}while(En.length)}te.__b=function(t){oe=null,ns&&ns(t)},te.__=function(t,e){t&&e.__k&&e.__k.__m&&(t.__m=e.__k.__m),as&&as(t,e)},te.__r=function(t){os&&os(t),We=0;var e=(oe=t.__c).__H;e&&(wn==oe?oe.__h=[]:(e.__h.some(rt),e.__h.some(xn),We=0),e.__h=[],e.__.some(function(n){n.__N&&(n.__=n.__N),n.u=n.__N=void 0})),wn=oe},te.diffed=function(t){ss&&ss(t);var e=t.__c;e&&e.__H&&(e.__H.__h.length&&ls(us.push(e)),e.__H.__.some(function(n){n.u&&(n.__H=n.u)})),wn=oe=null},te.__c=function(t,e){e.some(function(n){try{n.__h.some(rt),n.__h=n.__h.filter(function(o){return!o.__||xn(o)})}catch(o){n.__h=[function(){throw o}]}}),rs&&rs(t,e)},te.unmount=function(t){is&&is(t);var e,n,o=t.__c;o&&o.__H&&(o.__H.__.some(function(s){try{if(s.__P&&s.__c){if(n===void 0){for(n=t.__;n&&(!n.__c||!n.__c.__P);)n=n.__;n=n&&n.__c}s.__P=n,ls(En.push(s))}else rt(s)}catch(r){e=r}}),o.__H=void 0,e&&te.__e(e,o.__v))};var cs=typeof requestAnimationFrame=="function";function vi(t){var e,n=function(){clearTimeout(o),cs&&cancelAnimationFrame(e),setTimeout(t)},o=setTimeout(n,35);cs&&(e=requestAnimationFrame(n))}function ls(t){t!=1&&ts==te.requestAnimationFrame||((ts=te.requestAnimationFrame)||vi)(wi)}function rt(t){var e=oe,n=t.__c;typeof n=="function"&&(t.__c=void 0,n()),oe=e}function xn(t){var e=oe;t.__c=t.__(),oe=e}function Sn(t,e){return!t||t.length!=e.length||e.some(function(n,o){return!vn(n,t[o])})}function ds(t,e){return typeof e=="function"?e(t):e}var l=Ko.bind(dn);function it(t){return class extends Ie{shouldComponentUpdate(n){return[...new Set([...Object.keys(n),...Object.keys(this.props)])].some(s=>n[s]!==this.props[s])}render(n){return dn(t,n)}}}var ye={};ri(ye,{ADD_REPLY:()=>Gn,DELETE_DISCUSSION:()=>Yn,DELETE_REPLY:()=>zn,DISCUSSIONS:()=>kn,EDIT_DISCUSSION:()=>Kn,EDIT_REPLY:()=>Vn,EVENTS:()=>qn,FEED:()=>Pn,LOCK_DISCUSSION:()=>Xn,PEOPLE:()=>ct,PRESENCE:()=>Ln,PREVIEW:()=>Hn,RECORD_VIEW:()=>Un,REPLY_AT:()=>Nn,RESTORE_DISCUSSION:()=>Jn,RESTORE_REPLY:()=>Qn,SEARCH_DISCUSSIONS:()=>Tn,SEARCH_FILTER:()=>Dn,SEARCH_POSTS:()=>Cn,SET_PRESENCE:()=>Bn,SIGN_IN_AS_GUEST:()=>Wn,SOURCE:()=>Fn,START:()=>At,START_DISCUSSION:()=>jn,THREAD:()=>On,THREAD_PAGE:()=>Mn,UNLOCK_DISCUSSION:()=>Zn,USER_DISCUSSIONS:()=>An,USER_REPLIES:()=>Rn});var Ne="fragment PersonParts on User { id handle name avatarUrl }",at=`fragment PostParts on Post {
  __typename id version lastEvent versionProof state bodyHtml createdAt lastEditedAt deletedAt
  author { ...PersonParts } authorRole byDiscussionAuthor
  deletion { by at reason body }
  viewerCanEdit viewerCanDelete viewerCanReply viewerCanRestore
  quotes(maxDepth: 3) {
    id attributedName status bodyText sourceVersion
    source { __typename id version discussion { id number title } ... on Reply { sequence } }
  }
}
${Ne}`,Ce=`fragment ReplyParts on Reply {
  ...PostParts
  sequence path depth replyCount descendantCount
  replyTo { sequence author { name } }
}
${at}`,ps="fragment Counts on Discussion { id eventNumber replyCount participantCount viewCount lastActivityAt }",Rt="ancestors { id replyCount descendantCount }",Ge=`fragment DiscussionParts on Discussion {
  ...PostParts ...Counts
  number title locked
  category { id name slug }
}
${ps}`,fs=`fragment PageParts on ThreadConnection {
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  edges { cursor node { ...ReplyParts } }
}`,At=`query {
  site { name version terms deletedDays limits { replyLength openingPostLength titleLength depth } }
  viewer { isGuest isModerator tokenExpiresAt user { ...PersonParts } }
  categories(first: 50) { nodes { id name slug description } }
}
${Ne}`,In=`fragment Listed on Discussion {
  id number eventNumber title state locked replyCount participantCount lastActivityAt createdAt excerpt
  author { ...PersonParts }
  category { id name slug }
  latest: replies(last: 3) { nodes { sequence state createdAt author { ...PersonParts } } }
}
${Ne}`,kn=`query ($after: String, $filter: DiscussionFilter, $orderBy: DiscussionOrder) {
  feedCursor
  discussions(first: 20, after: $after, filter: $filter, orderBy: $orderBy) {
    pageInfo { hasNextPage endCursor } nodes { ...Listed }
  }
}
${In}`,hs=`fragment Found on Post {
  __typename id createdAt author { ...PersonParts } discussion { number title } ... on Reply { sequence }
}
${Ne}`,Tn=`query ($query: String!, $filter: SearchFilter, $orderBy: SearchOrder!, $after: String) {
  found: searchDiscussions(query: $query, filter: $filter, orderBy: $orderBy, first: 20, after: $after) {
    totalCount totalCountIsExact pageInfo { hasNextPage endCursor } edges { title snippet matchCount post { ...Found } }
  }
}
${hs}`,Cn=`query ($query: String!, $filter: SearchFilter, $orderBy: SearchOrder!, $after: String) {
  found: search(query: $query, filter: $filter, orderBy: $orderBy, first: 20, after: $after) {
    totalCount totalCountIsExact pageInfo { hasNextPage endCursor } edges { title snippet node { ...Found } }
  }
}
${hs}`,Dn=`query ($author: String!, $category: String!, $number: Int!, $by: Boolean!, $within: Boolean!, $in: Boolean!) {
  author: user(handle: $author) @include(if: $by) { id }
  category(slug: $category) @include(if: $within) { id }
  discussion(number: $number) @include(if: $in) { id number title }
}`,ms=`fragment UserParts on User {
  ...PersonParts isGuest createdAt
  replies(first: 1) { totalCount totalCountIsExact }
  discussions(first: 1) { totalCount totalCountIsExact }
}`,Rn=`query ($handle: String!, $after: String) {
  user(handle: $handle) {
    ...UserParts
    posts: replies(first: 20, after: $after) {
      pageInfo { hasNextPage endCursor }
      nodes { id state sequence createdAt excerpt discussion { number title state } }
    }
  }
}
${ms}
${Ne}`,An=`query ($handle: String!, $after: String) {
  user(handle: $handle) {
    ...UserParts
    posts: discussions(first: 20, after: $after) { pageInfo { hasNextPage endCursor } nodes { ...Listed } }
  }
}
${ms}
${In}`,Pn=`subscription ($after: String, $filter: FeedFilter) {
  feed(after: $after, filter: $filter) {
    __typename cursor
    ... on FeedItem {
      event {
        __typename
        ... on DiscussionEvent { discussion { ...Listed } }
        ... on UserChanged { user { ...PersonParts } }
        ... on UserErased { userId }
        ... on CategoryChanged { categoryId category { id name slug description } }
      }
    }
  }
}
${In}`,On=`query ($number: Int!, $root: ID, $around: Int, $first: Int!, $maxDepth: Int, $order: SiblingOrder!) {
  discussion(number: $number) {
    eventCursor
    ...DiscussionParts
    thread(root: $root, first: $first, aroundSequence: $around, maxDepth: $maxDepth, order: $order) { ...PageParts }
  }
}
${Ge}
${fs}
${Ce}`,Nn=`query ($number: Int!, $sequence: Int!) {
  discussion(number: $number) { reply(sequence: $sequence) { ...ReplyParts } }
}
${Ce}`,Mn=`query (
  $number: Int!, $first: Int, $after: String, $last: Int, $before: String, $root: ID, $maxDepth: Int, $order: SiblingOrder!
) {
  discussion(number: $number) {
    eventNumber
    thread(first: $first, after: $after, last: $last, before: $before, root: $root, maxDepth: $maxDepth, order: $order) {
      ...PageParts
    }
  }
}
${fs}
${Ce}`,qn=`subscription ($discussionId: ID!, $after: String) {
  discussionEvents(discussionId: $discussionId, after: $after) {
    __typename cursor
    ... on ResyncRequired { reason }
    ... on DiscussionEvent { eventNumber clientMutationId discussion { ...Counts } }
    ... on ReplyAdded { edge { cursor } reply { ...ReplyParts } ${Rt} }
    ... on ReplyEdited { reply { ...ReplyParts } }
    ... on ReplyDeleted { reply { ...ReplyParts } unlisted ${Rt} }
    ... on ReplyRestored { reply { ...ReplyParts } edge { cursor } edges { node { sequence state } } ${Rt} }
    ... on PostChanged { post { ...AnyPost } }
    ... on QuoteStatusChanged { post { ...AnyPost } }
    ... on DiscussionUpdated { changes post: discussion { ...DiscussionParts } }
  }
}
fragment AnyPost on Post { ... on Reply { ...ReplyParts } ... on Discussion { ...DiscussionParts } }
${Ge}
${Ce}`,Ln=`subscription ($discussionId: ID!) {
  presence(discussionId: $discussionId) { readerCount readers { ...PersonParts } typing { id name } }
}
${Ne}`,Bn="mutation ($input: SetPresenceInput!) { setPresence(input: $input) { errors { code message } } }",Un=`mutation ($input: RecordViewInput!) {
  recordView(input: $input) { discussion { ...Counts } errors { code message } }
}
${ps}`,Hn=`query ($body: String!, $discussionId: ID, $replyToId: ID, $quotes: [QuoteInput!]) {
  previewBody(body: $body, discussionId: $discussionId, replyToId: $replyToId, quotes: $quotes) {
    bodyHtml errors { code message }
  }
}`,ct=`query ($query: String!, $first: Int, $discussionId: ID) {
  people(query: $query, first: $first, discussionId: $discussionId) { ...PersonParts }
}
${Ne}`,Fn="query ($id: ID!) { node(id: $id) { ... on Post { id version body } ... on Discussion { title } } }",Wn=`mutation ($input: SignInAsGuestInput!) {
  signInAsGuest(input: $input) { token errors { code message } }
}`,Gn=`mutation ($input: AddReplyInput!) {
  addReply(input: $input) {
    edge { cursor }
    reply { ...ReplyParts ${Rt} }
    errors { code message ... on RateLimited { resetAt } }
  }
}
${Ce}`,jn=`mutation ($input: StartDiscussionInput!) {
  startDiscussion(input: $input) { discussion { id number title } errors { code message path } }
}`,$s="... on EditConflict { current { __typename id version body bodyHtml state ... on Discussion { title } } }",Vn=`mutation ($input: EditReplyInput!) {
  editReply(input: $input) { droppedQuoteIds reply { ...ReplyParts } errors { code message ${$s} } }
}
${Ce}`,Kn=`mutation ($input: EditDiscussionInput!) {
  editDiscussion(input: $input) { droppedQuoteIds discussion { ...DiscussionParts } errors { code message path ${$s} } }
}
${Ge}
${at}`,zn=`mutation ($input: DeleteReplyInput!) {
  deleteReply(input: $input) { reply { ...ReplyParts } errors { code message } }
}
${Ce}`,Yn=`mutation ($input: DeleteDiscussionInput!) {
  deleteDiscussion(input: $input) { discussion { ...DiscussionParts } errors { code message } }
}
${Ge}
${at}`,Qn=`mutation ($input: RestoreReplyInput!) {
  restoreReply(input: $input) { reply { ...ReplyParts } errors { code message } }
}
${Ce}`,Jn=`mutation ($input: RestoreDiscussionInput!) {
  restoreDiscussion(input: $input) { errors { code message } }
}`,Xn=`mutation ($input: LockDiscussionInput!) {
  written: lockDiscussion(input: $input) { discussion { ...DiscussionParts } errors { code message } }
}
${Ge}
${at}`,Zn=`mutation ($input: UnlockDiscussionInput!) {
  written: unlockDiscussion(input: $input) { discussion { ...DiscussionParts } errors { code message } }
}
${Ge}
${at}`;var Q=class{#e=new Set;revision=0;subscribe(e){return this.#e.add(e),()=>this.#e.delete(e)}notify(){this.revision+=1;for(let e of[...this.#e])e()}};var gs=["⁨","⁩"],Ei=/[\p{Script=Arab}\p{Script=Hebr}\p{Script=Syrc}\p{Script=Thaa}\p{Script=Nkoo}\p{Script=Adlm}]/u,eo={},_s=null,ws=null,pe="en";function xi(t,e){pe=t,eo=e,_s=new Intl.PluralRules(t),ws=new Intl.NumberFormat(t)}var ys=globalThis.document?.getElementById("strings");ys&&xi(document.documentElement.lang,JSON.parse(ys.textContent));var bs=globalThis.document?.getElementById("languages"),vs=bs?JSON.parse(bs.textContent):{};function lt(t){return ws.format(t)}function Es(t){return new Intl.ListFormat(pe,{type:"unit",style:"short"}).format(t)}function xs(t){return Ss(t)!==void 0}function c(t,{isExact:e=!0,...n}={}){let o=Ss(t),s=typeof o=="object"?o[_s.select(n.count)]??o.other:o;if(s===void 0)throw new Error(`The table of strings has no "${t}".`);let r=s.split(/\{(\w+)\}/).map((i,a)=>a%2?Si(n[i],i,t,e):i);return r.some(i=>typeof i=="object")?r.filter(i=>i!==""):r.join("")}function Ss(t){let[e,n]=t.split(".");return eo[e]?.[n]}function Si(t,e,n,o){if(t==null)throw new Error(`"${n}" needs a value for {${e}}.`);return e==="count"?lt(t)+(o?"":"+"):typeof t=="number"?String(t):typeof t!="string"?t:Ei.test(t)!==(eo.language?.direction==="rtl")?gs[0]+t+gs[1]:t}function J(...t){let[,e]=I(0);j(()=>{let n=t.map(o=>o?.subscribe(()=>e(s=>s+1)));return()=>n.forEach(o=>o?.())},t)}var Ii={reply:"M9 7 4 12l5 5M4 12h9a7 7 0 0 1 7 7",quote:"M5 17c3 0 4-2 4-5V7H4v5h5M15 17c3 0 4-2 4-5V7h-5v5h5",bold:"M7 4h6a4 4 0 0 1 0 8H7zM7 12h7a4 4 0 0 1 0 8H7z",italic:"M10 4h8M6 20h8M14 4l-4 16",code:"m8 7-5 5 5 5M16 7l5 5-5 5",list:"M9 6h12M9 12h12M9 18h12M4 6h.01M4 12h.01M4 18h.01",spoiler:"M3 12s3-6 9-6c2 0 4 .7 5.5 1.8M21 12s-3 6-9 6c-2 0-4-.7-5.5-1.8M4 20 20 4",into:"M4 19h16M12 4v10m-5-4 5 5 5-5",edit:"m4 20 1-4L16 5l3 3L8 19zM14 7l3 3",trash:"M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",link:"M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",close:"M6 6l12 12M18 6 6 18",filter:"M4 6h16M7 12h10M10 18h4",search:"M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14M20 20l-4-4",sun:"M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v2M12 20v2M4 12H2M22 12h-2M5 5l1 1M18 18l1 1M19 5l-1 1M6 18l-1 1",moon:"M20 14A8 8 0 0 1 10 4a8 8 0 1 0 10 10",half:"M12 4a8 8 0 1 0 0 16zM12 4a8 8 0 0 1 0 16",display:"M4 7h9M19 7h1M16 4a3 3 0 1 0 0 6a3 3 0 0 0 0-6M4 17h1M11 17h9M8 14a3 3 0 1 0 0 6a3 3 0 0 0 0-6",lock:"M6 11h12v9H6zM9 11V8a3 3 0 0 1 6 0v3",down:"M12 5v14M6 13l6 6 6-6",up:"M12 19V5M6 11l6-6 6 6",plus:"M12 5v14M5 12h14",people:"M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M2 20c0-4 3-6 7-6s7 2 7 6M16 4a3.5 3.5 0 0 1 0 7M18 14c3 1 4 3 4 6",speech:"M4 5h16v11H10l-4 4v-4H4z",disconnect:"M4 4l16 16M9 5a10 10 0 0 1 12 4M3 9a12 12 0 0 1 3-2M6 13a8 8 0 0 1 4-3M15 11a8 8 0 0 1 3 2M12 19h.01",more:"M5 12h.01M12 12h.01M19 12h.01",next:"m9 5 7 7-7 7",fold:"M5 12h14M9 4l3 3 3-3M9 20l3-3 3 3",flask:"M9 3h6M10 3v6l-5 9a2 2 0 0 0 2 3h10a2 2 0 0 0 2-3l-5-9V3M7.500 15h9",picture:"M4 5h16v14H4zM4 16l5-5 4 4 2-2 5 5M15.500 9.500h.01"};function P({name:t}){return l`<svg class="icon" data-icon=${t} viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d=${Ii[t]} /></svg>`}function ne({errors:t,children:e}){return t?.length?l`<div class="problems" role="alert">
    ${t.map(n=>l`<p key=${n.code} data-code=${n.code}>${ie(n)}</p>`)} ${e}
  </div>`:null}function ie({code:t,message:e,resetAt:n}){return t==="RATE_LIMITED"&&n?c("errors.tryAgainAfter",{message:e,time:new Date(n).toLocaleTimeString(pe)}):xs(`errors.${t}`)?c(`errors.${t}`):e}function Y(t){if(t.name==="NetworkError")return[{code:"UNREACHABLE",message:t.message}];if(t.name==="RequestError")return[{code:t.code,message:t.message,resetAt:t.resetAt}];throw t}function ut({icon:t,title:e,children:n}){return l`<div class="nothing"><${P} name=${t} /><h2>${e}</h2>${n}</div>`}function Pt(){return l`<div class="skeleton" aria-hidden="true">${[1,2,3,4].map(t=>l`<i key=${t}></i>`)}</div>`}function je({title:t,onClose:e,children:n,className:o=""}){let s=N(null);return L(()=>{let{current:i}=s,a=document.activeElement;return i.showModal(),i.querySelector("[data-first]")?.focus(),()=>{i.close(),a?.isConnected&&a.focus()}},[]),l`<dialog ref=${s} class="dialog ${o}" aria-labelledby="dialog-title" onCancel=${i=>{i.preventDefault(),e()}}>
    <div class="dialog-head">
      <h2 id="dialog-title">${t}</h2>
      <button type="button" class="quiet square" aria-label=${c("page.close")} onClick=${e}><${P} name="close" /></button>
    </div>
    ${n}
  </dialog>`}var _e=class extends Error{name="NetworkError";unsent=!1},$e=class extends Error{name="RequestError";constructor(e){super(e[0].message),this.code=e[0].extensions?.code??"BAD_REQUEST",this.resetAt=e[0].extensions?.resetAt??null}get refusesToken(){return this.code==="UNAUTHENTICATED"||this.code==="SUSPENDED"}};async function Ot(t,e={},{token:n=null,signal:o=null,address:s="/graphql",fetch:r=globalThis.fetch}={}){let i={"Content-Type":"application/json",Accept:"application/graphql-response+json, application/json"};n&&(i.Authorization=`Bearer ${n}`);let a=await ki(r,s,{method:"POST",headers:i,body:JSON.stringify({query:t,variables:e}),signal:o});if(a.errors?.length&&!a.data)throw new $e(a.errors);return a.data}async function ki(t,e,n){try{let s=await(await t(e,n)).json();if(!s||typeof s!="object"||!("data"in s||"errors"in s))throw new Error("not a GraphQL response");return s}catch(o){throw new _e("The server can't be reached. Check your connection and try again.",{cause:o})}}var Ti=3e4,dt=class{#e;#n=new AbortController;constructor({url:e,headers:n,connected:o,heard:s,lost:r,refused:i}){this.#e=$n({url:e,headers:n,retryAttempts:Number.POSITIVE_INFINITY,retry:r,on:{connected:o},fetchFn:(a,u)=>this.#t(a,u,{heard:s,refused:i})})}subscribe(e,n){return this.#e.subscribe(e,n)}terminate(){this.#n.abort(),this.#n=new AbortController}async#t(e,n,{heard:o,refused:s}){let r=this.#n,i=new AbortController,a=null,u=()=>{clearTimeout(a),a=setTimeout(()=>i.abort(),Ti)};u();let p=AbortSignal.any([n.signal,r.signal,i.signal]);p.addEventListener("abort",()=>clearTimeout(a));let d=await fetch(e,{...n,signal:p});if(!d.ok||!d.body){clearTimeout(a);let f=await Ci(d.clone());return(f==="UNAUTHENTICATED"||f==="SUSPENDED")&&s(f),d}let m=new TransformStream({transform(f,h){u(),o(),h.enqueue(f)},flush:()=>clearTimeout(a)});return new Response(d.body.pipeThrough(m),d)}};async function Ci(t){try{let{errors:e}=await t.json();return e[0].extensions.code}catch{return null}}var Di=15e3,Ri=1e4,Ai=5e3,Pi=4403,Oi="Suspended",Ni=3,Nt=class extends Q{state="idle";heardAt=null;#e;#n;#t;#o=!1;#a=new Set;#r=new Set;#l=null;constructor(e,n){super(),this.#e=e,this.#n=n,this.#t=this.#u(),addEventListener("online",()=>this.#g()),addEventListener("offline",()=>this.#t.terminate()),document.addEventListener("visibilitychange",()=>document.hidden||this.#g())}disconnect(){this.#e.setDisconnected(!0),this.#t.terminate()}reconnect(){this.#e.setDisconnected(!1),this.#g()}renew(){this.state==="open"&&(this.#t.terminate(),this.#g())}send(e,n){this.state==="open"&&(this.#i?this.#t.subscribe({query:e,variables:n},{next(){},error(){},complete(){}}):this.#e.execute(e,n).catch(o=>console.info("A mutation failed:",o.message)))}follow(e,{variables:n,next:o,failed:s,ended:r}){let i={query:e,get variables(){return n()}},a=p=>d=>{this.#a.delete(u),p(d)},u={payload:i,next:({data:p,errors:d})=>d?a(s)(Is(d)):o(p),error:a(p=>s(Is(p))),complete:a(r)};return this.#a.add(u),this.#d(u),()=>{this.#a.delete(u),u.stop()}}#d(e){let n=this.#t;e.client=n;let o=s=>r=>e.client===n&&s(r);e.stop=n.subscribe(e.payload,{next:o(e.next),error:o(e.error),complete:o(e.complete)})}get hasFewConnections(){let[e]=performance.getEntriesByType("navigation");return!this.#i&&/^http\/1/.test(e?.nextHopProtocol??"")}get#i(){return!(this.#t instanceof dt)}#c(){let{token:e}=this.#e;return e?{authorization:`Bearer ${e}`}:{}}#u(){return _n({url:new URL(this.#n,location.origin.replace(/^http/,"ws")).href,connectionParams:()=>this.#c(),retryAttempts:Number.POSITIVE_INFINITY,shouldRetry:()=>!0,retryWait:async e=>{!this.#o&&e+1>=Ni&&await this.#s()?this.#p():await this.#m(e)},keepAlive:Ri,lazyCloseTimeout:1e3,on:{message:()=>this.#b(),connecting:()=>this.#h("connecting"),connected:()=>{this.#o=!0,this.#h("open")},closed:e=>this.#$(e),ping:e=>{e||(this.#l=setTimeout(()=>this.#t.terminate(),Ai))},pong:e=>{e&&clearTimeout(this.#l)}}})}#p(){this.#t=new dt({url:this.#n,headers:()=>this.#c(),connected:()=>this.#h("open"),heard:()=>this.#b(),lost:e=>this.#f(e),refused:e=>this.#e.end(e)}),this.#h("connecting");for(let e of this.#a){let{stop:n}=e;this.#d(e),n()}}async#s(){try{return await this.#e.execute("{ __typename }"),!0}catch(e){return e instanceof $e}}#f(e){return e===0&&this.state==="open"?(this.#h("waiting"),this.#t.terminate()):this.state==="connecting"&&this.#h("waiting"),this.#m(e,{isQuiet:!0})}async#m(e,{isQuiet:n=!1}={}){n||this.#h("waiting");let o=e===0?100+400*Math.random():Math.min(Di,500*2**e)*(.5+Math.random()/2);await new Promise(s=>{let r=()=>{this.#e.isDisconnected||(clearTimeout(i),this.#r.delete(r),s())},i=setTimeout(r,o);this.#r.add(r)})}#g(){for(let e of[...this.#r])e()}#$(e){clearTimeout(this.#l),e.code===Pi&&this.#e.end(e.reason===Oi?"SUSPENDED":"UNAUTHENTICATED"),this.#i&&this.#h(e.code===1e3?"idle":"waiting")}#b(){this.heardAt=Date.now()}#h(e){e!==this.state&&(this.state=e,this.notify())}};function Is(t){return Array.isArray(t)?t.map(({extensions:e})=>e?.code??"BAD_REQUEST"):[`CLOSED_${t?.code??"UNKNOWN"}`]}var Mi=6e4,to=globalThis.document?.getElementById("data"),no=to?JSON.parse(to.textContent):{results:[],categories:[]};to?.remove();var ks=no.categories;function Ts(t,e={}){let n=no.results.findIndex(s=>ye[s.document]===t&&qi(s.variables,e));if(n===-1||performance.now()>Mi)return null;let[{data:o}]=no.results.splice(n,1);if(o.discussion&&e.maxDepth){let{thread:s}=o.discussion;s.edges=s.edges.filter(({node:r})=>r.depth<=e.maxDepth)}return o}function qi(t,e){return Object.entries(t).every(([n,o])=>JSON.stringify(e[n]??null)===JSON.stringify(o))}function fe(){return[...crypto.getRandomValues(new Uint8Array(16))].map(t=>t.toString(16).padStart(2,"0")).join("")}var Li=/[\\`*_[\]<>&~|]/g,Bi=/^(\d*)([.)#+=:-])/;function Ds(t,e){let n=e.split(`
`).map(s=>s.trim()).filter((s,r,i)=>s||r>0&&i[r-1]).map(s=>s.replace(Li,"\\$&").replace(Bi,"$1\\$2"));for(;n.at(-1)==="";)n.pop();return[`**${t.replace(/[\\`*_[\]<>&~|]/g,"\\$&")} said:**`,"",...n].map(s=>`> ${s}`.trimEnd()).join(`
`)+`
`}function Ui(t){let e=[],n=null;for(let o of t.split(`
`)){let s=/^ {0,3}> ?(.*)$/.exec(o)?.[1];s===void 0?n=null:n?n.push(s):e.push(n=[s])}return e.map(o=>(/^\*\*.*:\*\*\s*$/.test(o[0])?o.slice(1):o).join(`
`).replace(/\\([!-/:-@[-`{-~])/g,"$1").trim())}function Rs(t,e){let n=Ui(t),o=[];for(let s of e){let r=s.isInText?n.findIndex(i=>i&&Cs(s.text).includes(Cs(i))):-1;s.isInText?r!==-1&&o.push({...s,text:n.splice(r,1)[0]}):o.push(s)}return o}function Mt({sourceId:t,sourceVersion:e,versionProof:n,text:o}){return{sourceId:t,sourceVersion:e,...n&&{versionProof:n},text:o}}function As(t,e,n){let o=t.slice(0,e).trimEnd(),s=t.slice(e).trimStart(),r=`${o?`${o}

`:""}${n}
`;return{body:r+(s?`
${s}`:""),caret:r.length}}function Cs(t){return t.replace(/\s+/g," ").trim().toLowerCase()}var Os="parley:own",Ps="parley:unreadable:",qt=class extends Map{get length(){return this.size}key(e){return[...this.keys()][e]}getItem(e){return this.get(e)??null}setItem(e,n){this.set(e,n)}removeItem(e){this.delete(e)}};function Ns(t){try{return globalThis[t]??new qt}catch{return new qt}}var ve=Ns("localStorage"),oo=Ns("sessionStorage");function Ve(){return oo.getItem(Os)!==null}function Ms(){oo.setItem(Os,"yes")}function we(){return Ve()?oo:ve}function Lt(t,e,n){let o=t.getItem(e);if(o===null)return null;try{let s=JSON.parse(o);if(n(s))return s}catch(s){if(!(s instanceof SyntaxError))throw s}return console.warn(`The stored value ${e} can't be read. It was moved to ${Ps}${e}.`),t.setItem(Ps+e,o),t.removeItem(e),null}var Bt="parley:outbox:",Hi=30,Fi=6*864e5,Wi={code:"TOO_OLD"},Ut=class extends Q{#e;#n;#t;#o=new Set;#a=0;#r=null;constructor({storage:e,execute:n,viewerId:o}){super(),this.#e=e,this.#n=n,this.#t=o,this.onSent=()=>{},this.entries=this.#f()}of(e){return this.entries.filter(n=>n.discussionId===e)}add(e,n){let o={...e,key:fe(),by:n.id,author:n,at:new Date().toISOString(),tried:!1,errors:[]};return this.#s(o),this.flush(),o}flush(){clearTimeout(this.#r);for(let e of this.entries)e.by!==this.#t()||e.errors.length||this.#o.has(e.key)||(e.tried&&Date.now()-Date.parse(e.at)>Fi?this.#s({...e,errors:[Wi]}):this.#l(e))}again(e){let n=this.#p(e);n&&(this.settle(e),this.#s({...n,key:fe(),at:new Date().toISOString(),tried:!1,errors:[]}),this.flush())}adopt(e,n){let o=this.#p(e);o&&(this.settle(e),this.#s({...o,key:fe(),by:n.id,author:n,tried:!1,errors:[]}),this.flush())}isOfAnotherUser(e){return e.by!==this.#t()}isSending(e){return this.#o.has(e.key)}settle(e){this.#p(e)&&(this.#e().removeItem(Bt+e),this.entries=this.entries.filter(n=>n.key!==e),this.notify())}reread(){this.entries=this.#f(),this.notify()}async#l(e){this.#o.add(e.key),this.notify();let{discussionId:n,body:o,quotes:s,key:r}=e,i={discussionId:n,body:o,quotes:s.map(Mt),clientMutationId:r,replyToId:e.replyTo?.id??null};try{let{addReply:a}=await this.#n(Gn,{input:i});this.#a=0;let u=a.errors.find(p=>p.resetAt);u?this.#c(Math.max(1,(Date.parse(u.resetAt)-Date.now())/1e3)):a.errors.length?this.#u({...e,errors:a.errors}):this.#d(e,a)}catch(a){this.#i(e,a)}finally{this.#o.delete(e.key),this.notify()}}#d(e,n){this.settle(e.key),this.onSent(n,e)}#i(e,n){if(n instanceof _e&&!n.unsent&&!e.tried&&this.#u({...e,tried:!0}),n instanceof _e||n.code==="RATE_LIMITED"||n.code==="INTERNAL")this.#c(Math.min(Hi,2**this.#a)),this.#a+=1;else if(n instanceof $e&&!n.refusesToken)this.#u({...e,errors:[{code:n.code,message:n.message}]});else if(!(n instanceof $e))throw n}#c(e){clearTimeout(this.#r),this.#r=setTimeout(()=>this.flush(),e*1e3)}#u(e){this.#p(e.key)&&this.#s(e)}#p(e){return this.entries.find(n=>n.key===e)}#s(e){this.#e().setItem(Bt+e.key,JSON.stringify(e)),this.entries=[...this.entries.filter(({key:n})=>n!==e.key),e].sort((n,o)=>n.at<o.at?-1:1),this.notify()}#f(){let e=this.#e();return Array.from({length:e.length},(s,r)=>e.key(r)).filter(s=>s?.startsWith(Bt)).map(s=>Lt(e,s,r=>Gi(r,s))).filter(Boolean).sort((s,r)=>s.at<r.at?-1:1)}};function Gi(t,e){let{key:n,by:o,author:s,at:r,discussionId:i,body:a,quotes:u,errors:p}=t??{},d=[o,r,i,a,s?.name];return Bt+n===e&&d.every(m=>typeof m=="string")&&Array.isArray(u)&&Array.isArray(p)}function ji(t){let n=t.normalize("NFC").replace(/\p{Default_Ignorable_Code_Point}/gu,"").toLowerCase().replace(/(?<=[ij])\u0307/gu,"").match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu)??[],o="",s=0;for(let{segment:r}of new Intl.Segmenter().segment(n.join("-"))){if(s+=[...r].length,s>80)break;o+=r}return o.replace(/-+$/,"")||"discussion"}function be({number:t,title:e}){return`/d/${t}/${ji(e)}`}function pt({handle:t},e="replies"){return`/u/${encodeURIComponent(t)}${e==="replies"?"":`?show=${e}`}`}function Me({discussion:t,sequence:e}){return be(t)+(e?`#reply-${e}`:"")}var so=2**31-1,Ls={query:"q",author:"author",category:"category",discussion:"discussion",from:"from",to:"to",order:"order"};function he(t){let e=Object.entries(Ls).filter(([o])=>t[o]),n=new URLSearchParams(e.map(([o,s])=>[s,t[o]]));return n.size?`/search?${n}`:"/search"}function Vi(t){return Object.fromEntries(Object.entries(Ls).map(([e,n])=>[e,t.get(n)??""]))}var Ht=class extends Q{saveView=()=>({scroll:scrollY});isDisabled=!1;constructor(){super(),addEventListener("popstate",()=>this.notify()),document.addEventListener("click",e=>this.#e(e))}get place(){return qs(location)}get restored(){return history.state?.restored??null}go(e,{instead:n=!1}={}){let o=location.pathname;n||history.replaceState({restored:this.saveView()},""),history[n?"replaceState":"pushState"](null,"",e),location.pathname!==o&&!n&&scrollTo(0,0),this.notify()}#e(e){if(this.isDisabled||e.defaultPrevented||e.button||e.metaKey||e.ctrlKey||e.shiftKey||e.altKey)return;let n=e.target.closest?.("a[href]");if(!n||n.target||n.hasAttribute("download"))return;let{postId:o,userId:s}=n.dataset;n.origin!==location.origin&&!o&&!s||qs(n).page!=="missing"&&(e.preventDefault(),this.go(`${n.pathname}${n.search}${n.hash}`))}};function qs({pathname:t,search:e,hash:n}){let o=/^\/d\/(\d{1,10})(?:\/(?!feed\.atom$)[^/]*)?$/.exec(t);if(o&&Number(o[1])<=so){let r=new URLSearchParams(e),i=Number(/^#reply-(\d+)$/.exec(n)?.[1]??r.get("reply")??r.get("after"))||0;return{page:"discussion",number:Number(o[1]),sequence:i,root:Number(r.get("root"))||null}}let s=/^\/u\/([^/]+)$/.exec(t);if(s){let r=new URLSearchParams(e).get("show")==="discussions"?"discussions":"replies";return{page:"user",handle:Ki(s[1]),kind:r}}return t==="/search"?{page:"search",...Vi(new URLSearchParams(e))}:{page:t==="/"?"front":"missing"}}function Ki(t){try{return decodeURIComponent(t)}catch{return t}}var Ft="parley:session",zi=2**31-1,Wt=class extends Q{viewer=null;expired=!1;suspended=!1;isDisconnected=!1;token=null;#e=null;constructor(){super(),this.token=we().getItem(Ft),addEventListener("storage",({key:e,newValue:n})=>{e!==Ft||n===this.token||Ve()||(this.token=n,this.suspended=!1,this.start().catch(()=>this.#n(null)))})}async execute(e,n,{signal:o}={}){if(this.isDisconnected)throw Object.assign(new _e(c("errors.DISCONNECTED")),{unsent:!0});let{token:s}=this;try{return Ts(e,n)??await Ot(e,n,{token:s,signal:o})}catch(r){if(!(r instanceof $e)||!r.refusesToken||!s||(s===this.token&&this.end(r.code),e.trimStart().startsWith("mutation")))throw r;return Ot(e,n,{signal:o})}}async start(){let{viewer:e,...n}=await this.execute(At);return this.#n(e),n}async signInAsGuest(e,{inTab:n=!1}={}){let{signInAsGuest:o}=await this.execute(Wn,{input:{name:e}});return o.errors.length||await this.signIn(o.token,{inTab:n}),o.errors}async signIn(e,{inTab:n=!1}={}){let{viewer:o}=await Ot(At,{},{token:e});n&&Ms(),this.token=e,we().setItem(Ft,e),this.#n(o)}signOut(){this.#t(),this.expired=!1,this.suspended=!1,this.notify()}end(e="UNAUTHENTICATED"){this.token!==null&&(this.suspended=e==="SUSPENDED",this.expired=!this.suspended,this.suspended?this.#o():this.#t(),this.notify())}setDisconnected(e){this.isDisconnected=e,this.notify()}#n(e){if(this.viewer=e,clearTimeout(this.#e),e){this.expired=!1,this.suspended=!1;let n=Date.parse(e.tokenExpiresAt)-Date.now();n<zi&&(this.#e=setTimeout(()=>this.end(),n))}this.notify()}#t(){we().removeItem(Ft),this.#o()}#o(){clearTimeout(this.#e),this.token=null,this.viewer=null}};var _=new Wt,K=new Ht,se=new Nt(_,"/graphql"),re=new Ut({storage:we,execute:(t,e)=>_.execute(t,e),viewerId:()=>_.viewer?.user.id??null});addEventListener("storage",({key:t})=>t?.startsWith("parley:outbox:")&&!Ve()&&re.reread());addEventListener("online",()=>re.flush());se.subscribe(()=>se.state==="open"&&re.flush());var Yi=5e3,ro=class extends Q{announced="";shown=null;#e=null;announce(e){this.announced=e,this.notify()}show(e,n=null){clearTimeout(this.#e),this.shown={text:e,action:n},this.#e=setTimeout(()=>this.clear(),8e3),this.announce(e)}clear(){this.shown=null,this.notify()}},V=new ro,io=class extends Q{name=document.getElementById("app")?.dataset.site??"Parley";limits={replyLength:4e4,openingPostLength:1e5,titleLength:200,depth:100};categories=ks;terms=null;deletedDays=0;isLoaded=!1;isClosed=!1;signingIn=null;async load(){let e=await this.#e();if(!e)return;let{site:n,categories:o}=e;Object.assign(this,{name:n.name,limits:n.limits,terms:n.terms,deletedDays:n.deletedDays,categories:o.nodes,isLoaded:!0}),this.notify()}replaceCategory(e,n){let o=this.categories.filter(i=>i.id!==e),s=this.categories.findIndex(i=>i.id===e),r=s===-1?o.length:s;this.categories=[...o.slice(0,r),...n?[n]:[],...o.slice(r)],this.notify()}async#e(){for(;;)try{return await _.start()}catch(e){if(e.code==="DOCUMENT_NOT_TRUSTED")return this.isClosed=!0,K.isDisabled=!0,this.notify(),null;V.show(ie(Y(e)[0])),await new Promise(n=>setTimeout(n,Yi))}}openSignIn(e=()=>{},{inTab:n=Ve()}={}){return _.suspended?V.show(c("page.suspended")):(this.signingIn={then:e,inTab:n},this.notify())}closeSignIn(e){let{then:n}=this.signingIn;this.signingIn=null,this.notify(),e&&re.reread(),e&&setTimeout(n,0)}},T=new io;var Bs={ABRIDGED:"quote.abridged",SOURCE_EDITED:"quote.edited",SOURCE_DELETED:"quote.deleted",ALTERED:"quote.altered",UNRESOLVED:"quote.unresolved"},Us=2,Ke=it(function({bodyHtml:e,quotes:n=[],postId:o,number:s}){let r=N(null);return j(()=>{let{current:i}=r;i.innerHTML=e;for(let a of i.querySelectorAll("blockquote[data-quote-id]")){let u=n.find(({id:p})=>p===a.dataset.quoteId);u&&Zi(a,u,s)}Qi(i)},[e,JSON.stringify(n)]),l`<div ref=${r} class="post-body" data-post=${o}></div>`});function Qi(t){for(let s of t.querySelectorAll("pre, table")){let r=document.createElement("div");r.className="wide",r.tabIndex=0,r.setAttribute("role","group"),r.setAttribute("aria-label",c(s.tagName==="PRE"?"post.code":"post.table")),s.replaceWith(r),r.append(s)}let e=[...t.querySelectorAll("h1, h2, h3, h4, h5, h6")],n=[...new Set(e.map(({tagName:s})=>s))].sort(),o=Us;for(let s of e)o=Math.min(6,o+1,Us+1+n.indexOf(s.tagName)),s.setAttribute("aria-level",String(o));for(let s of t.querySelectorAll(".spoiler")){s.setAttribute("role","button"),s.setAttribute("aria-label",c("composer.spoiler"));let r=()=>{for(let i of["role","aria-label"])s.removeAttribute(i);s.tabIndex=-1};s.addEventListener("click",r),s.addEventListener("keydown",({key:i})=>(i==="Enter"||i===" ")&&r())}for(let s of t.querySelectorAll("li"))s.dataset.marker=Xi(s);for(let s of t.querySelectorAll("img"))s.loading="lazy",s.referrerPolicy="no-referrer",s.addEventListener("error",()=>s.replaceWith(Ji(s)),{once:!0})}function Ji({alt:t,src:e}){let n=document.createElement("span");n.className="broken-picture",n.dataset.alt=t,n.dir=document.documentElement.dir;let o=c("post.brokenPicture",{host:new URL(e).host});return st(l`<${P} name="picture" /><span>${t&&l`<b dir="auto">${t}</b>`}${o}</span>`,n),n}function Xi(t){let{label:e}=t.dataset;if(e)return`[^${e}]: `;let n=t.parentElement,o=n.tagName==="OL"?`${n.start+[...n.children].indexOf(t)}. `:"",s=t.querySelector(":scope > input[type=checkbox]");return`${o}${s?`[${s.checked?"x":" "}] `:""}`}function Zi(t,e,n){let o=document.createElement("p");o.className="quote-source",o.dataset.status=e.status,o.dir=document.documentElement.dir;let s=document.createElement("bdi");if(s.textContent=e.attributedName||c("page.somebody"),o.append(...e.source?c("quote.saidIn",{name:s,post:oa(e.source,n)}):c("quote.said",{name:s})),Bs[e.status]){let i=document.createElement("span");i.className="quote-status",i.textContent=c(Bs[e.status]),o.append(" ",i)}let r=t.firstElementChild;na(r,e)?r.replaceWith(o):t.prepend(o),e.status==="ABRIDGED"&&ta(t)}var ea=/\[ ?(?:…|\.{3})[.…]* ?\]|\( ?(?:…|\.{3})[.…]* ?\)|(?:…|\.{3})[.…]*/g;function ta(t){let e=document.createTreeWalker(t,NodeFilter.SHOW_TEXT),n=[];for(;e.nextNode();){let{parentElement:o}=e.currentNode;o.closest("blockquote")===t&&!o.closest(".quote-source, .omission")&&n.push(e.currentNode)}for(let o of n)for(let{index:s,0:r}of[...o.data.matchAll(ea)].reverse()){let i=document.createElement("mark");i.className="omission",i.title=c("quote.omission"),i.textContent=r,o.splitText(s).splitText(r.length),o.nextSibling.replaceWith(i)}}function na(t,e){let n=t?.tagName==="P"?t.textContent.trim():"";return/[:：]$/.test(n)&&n.includes(e.attributedName)&&!Hs(e.bodyText).startsWith(Hs(n))}function oa(t,e){let n=document.createElement("a");n.href=Me(t);let o=t.__typename==="Reply"?"quote.reply":"quote.opening",{title:s}=t.discussion;return n.textContent=t.discussion.number===e?c(o,{number:t.sequence}):c(`${o}Of`,{number:t.sequence,title:s}),n}function Hs(t){return t.replace(/\s+/g," ").trim()}function ft(t){if(t.nodeType===Node.TEXT_NODE)return t.data.replace(/\s+/g," ");if(t.nodeType===Node.ELEMENT_NODE){if(t.matches(".quote-source, .footnote-back"))return"";if(t.matches(".footnote-ref"))return`[^${t.dataset.label}]`;if(t.tagName==="BR")return`
`;if(t.tagName==="IMG")return t.alt;if(t.classList.contains("broken-picture"))return t.dataset.alt}let e=[...t.childNodes].map(ft).join("");return t.nodeType===Node.ELEMENT_NODE&&/^(P|LI|PRE|H[1-6]|BLOCKQUOTE|TR|UL|OL)$/.test(t.tagName)?`${t.dataset.marker??""}${e.trim()}

`:e}var ao="parley:draft:";function qe(t){return Lt(we(),ao+t,e=>typeof e?.body=="string")}function ze(t,e){if(!e?.body?.trim()&&!e?.title?.trim()&&!e?.quotes?.length)return De(t),null;try{return we().setItem(ao+t,JSON.stringify(e)),!0}catch(o){if(o.name!=="QuotaExceededError")throw o;return!1}}function De(t){we().removeItem(ao+t)}var Fs={bold:"**",italic:"_",spoiler:"||"},Ws={quote:"> ",list:"- "},sa="https://";function Gs(t,e,n,o){if(Fs[t])return ra(Fs[t],e,n,o);if(Ws[t])return ia(Ws[t],e,n,o);let s=e.slice(n,o);if(t==="code")return aa(e,n,o);let r=/^https?:\/\/\S+$/.test(s),i=`${t==="picture"?"!":""}[${r?"":s}](`,a=r?s:sa,u=n+i.length,p=r?[u-2,u-2]:[u,u+a.length];return{from:n,to:o,insert:`${i}${a})`,select:p}}function ra(t,e,n,o){let{length:s}=t;if(e.slice(n-s,n)===t&&e.slice(o,o+s)===t)return{from:n-s,to:o+s,insert:e.slice(n,o),select:[n-s,o-s]};let r=e.slice(n,o);if(!r.trim())return{from:n,to:o,insert:t+t+r,select:[n+s,n+s]};let i=r.replace(/^([^\S\n]*)(\S(?:.*\S)?)([^\S\n]*)$/gm,`$1${t}$2${t}$3`),a=!r.trim().includes(`
`),u=n+r.search(/\S/)+s;return{from:n,to:o,insert:i,select:a?[u,u+r.trim().length]:[n,n+i.length]}}function ia(t,e,n,o){let s=e.lastIndexOf(`
`,n-1)+1,r=e.indexOf(`
`,o),i=r===-1?e.length:r,a=e.slice(s,i).split(`
`),u=a.every(g=>g.startsWith(t)),p=a.map(g=>u?g.slice(t.length):t+g).join(`
`),d=e.slice(0,s).split(`
`).at(-2)??"",m=!u&&d.trim()&&!d.startsWith(t)?`
`:"",f=m+p,h=s+f.length;return{from:s,to:i,insert:f,select:n===o?[h,h]:[s+m.length,h]}}function aa(t,e,n){let o=t.slice(e,n),s=Math.max(0,...(o.match(/`+/g)??[]).map(({length:p})=>p));if(o.includes(`
`)){let p="`".repeat(Math.max(3,s+1)),m=`${e>0&&t[e-1]!==`
`?`
`:""}${p}
${o.replace(/\n$/,"")}
${p}${t[n]===`
`||n===t.length?"":`
`}`;return{from:e,to:n,insert:m,select:[e+m.length,e+m.length]}}let r="`".repeat(s+1),i=s?" ":"",a=r+i+o+i+r,u=e+r.length+i.length;return{from:e,to:n,insert:a,select:[u,u+o.length]}}var Gt="parley:keys-off",ca={j:"keys.next",k:"keys.previous",r:"keys.reply",q:"keys.quote",c:"keys.collapse","/":"keys.search","?":"keys.help",Esc:"keys.close"};function co({key:t,code:e,shiftKey:n}){let o=/^[a-z]$/i.test(t)?t:/^\p{L}$/u.test(t)&&/^Key([A-Z])$/.exec(e)?.[1]||null;return o?n?null:o.toLowerCase():t}function ht(t){let e=N(t);e.current=t,L(()=>{let n=o=>{if(o.defaultPrevented||o.isComposing||o.ctrlKey||o.metaKey||o.altKey||o.target.closest?.("input, textarea, select, [contenteditable]")||document.querySelector("dialog[open], :popover-open"))return;let s=co(o);if(s!=="Escape"&&ve.getItem(Gt))return;let r=e.current[s];r&&r()!==!1&&o.preventDefault()};return document.addEventListener("keydown",n),()=>document.removeEventListener("keydown",n)},[])}function js(){let[t,e]=I(!1);return ht({"?":()=>e(!0),"/":()=>document.querySelector('[role="search"] input')?.focus()}),L(()=>{let n=o=>o.target.closest?.('[data-action="keys"]')&&e(!0);return document.addEventListener("click",n),()=>document.removeEventListener("click",n)},[]),t&&l`<${la} onClose=${()=>e(!1)} />`}function la({onClose:t}){let[e,n]=I(ve.getItem(Gt)!==null),o=({target:s})=>{s.checked?ve.removeItem(Gt):ve.setItem(Gt,"yes"),n(!s.checked)};return l`<${je} title=${c("keys.title")} className="keys-dialog" onClose=${t}>
    <dl class="keys-list">
      ${Object.entries(ca).map(([s,r])=>l`<div key=${s}><dt><kbd>${s}</kbd></dt><dd>${c(r)}</dd></div>`)}
    </dl>
    <label class="keys-switch"><input type="checkbox" checked=${!e} onChange=${o} data-first />${c("keys.use")}</label>
  <//>`}var ua="฀-໿က-႟ក-៿぀-ヿ㐀-䶿一-鿿豈-﫿𠀀-𿿿",da=new RegExp(`(?:(?<![\\p{L}\\p{N}\\p{M}@/.+=&%#$_-])|(?<=[${ua}])(?<!\\p{N})|(?<=(?<!\\S)-))_{0,3}@((?:[\\p{L}\\p{N}][\\p{L}\\p{N}\\p{M}_.‌‍-]*)?)$`,"u");function Vs(t,e){let n=da.exec(t.slice(Math.max(0,e-80),e))?.[1];return n===void 0||n.length>40?null:{at:e-n.length-1,word:n}}function Ks(t,e){let n=lo(e),o=/\p{M}/u.test(n)?lo:r=>lo(r).replace(/\p{M}/gu,""),s=({handle:r,name:i})=>[r,...i.split(/[\s-]+/u)].some(a=>o(a).startsWith(n));return[...new Map(t.filter(s).map(r=>[r.id,r])).values()]}function zs(t,{at:e,word:n},o){let s=e+1+n.length,r=/^\s/u.test(t.slice(s)),i=e+o.length+2;return{from:e,to:s,insert:`@${o}${r?"":" "}`,select:[i,i]}}function lo(t){return t.normalize("NFKD").toLowerCase()}var pa=["font","letterSpacing","wordSpacing","lineHeight","padding","textAlign","direction","unicodeBidi","tabSize","overflowWrap","wordBreak"];function Ys(t,e){let n=getComputedStyle(t),o=t.getBoundingClientRect(),s=document.createElement("div");s.textContent=t.value;for(let a of pa)s.style[a]=n[a];Object.assign(s.style,{position:"fixed",visibility:"hidden",boxSizing:"border-box",whiteSpace:"pre-wrap"}),s.style.width=`${t.clientWidth}px`,s.style.left=`${o.left+t.clientLeft}px`,s.style.top=`${o.top+t.clientTop-t.scrollTop}px`,document.body.append(s);let r=document.createRange();r.setStart(s.firstChild,e),r.setEnd(s.firstChild,e+1);let i=r.getBoundingClientRect();return s.remove(),i}function jt(t,{from:e,to:n,insert:o,select:s},r){t.focus(),t.setSelectionRange(e,n),(o?document.execCommand("insertText",!1,o):document.execCommand("delete"))||(t.setRangeText(o),r(t.value)),t.setSelectionRange(...s)}var uo=24;function ae({user:t,size:e=""}){return t?.avatarUrl?l`<img class="avatar ${e}" src=${t.avatarUrl} alt="" loading="lazy" referrerpolicy="no-referrer" />`:l`<span class="avatar ${e} ${t?ma(t.handle):"hue-none"}" aria-hidden="true">${ha(t?.name??"?")}</span>`}function Js({users:t,title:e}){return l`<span class="faces-row" title=${e}>${t.map(n=>l`<${ae} key=${n.id} user=${n} size="small" />`)}</span>`}function mt({user:t,size:e}){let n=l`<${ae} user=${t} size=${e} />`;return t?l`<a class="face-link" href=${pt(t)} tabindex="-1" aria-hidden="true">${n}</a>`:n}function $t({user:t}){let e=l`<${Vt} user=${t} />`;return t?l`<a class="author" href=${pt(t)}>${e}</a>`:e}var Qs={MODERATOR:"roles.moderator",GUEST:"roles.guest",APPLICATION:"roles.application"};function po({post:{authorRole:t,byDiscussionAuthor:e}}){return l`${Qs[t]&&l`<span class="standing" data-role=${t}>${c(Qs[t])}</span>`}
    ${e&&l`<span class="standing" data-role="STARTER">${c("roles.starter")}</span>`}`}function Vt({user:t}){return t?l`<bdi class="name" title=${`@${t.handle}`}>${t.name}</bdi>`:l`<span class="nobody">${c("page.formerMember")}</span>`}function gt({category:t}){return l`<span class="category"><i class="dot hue-${Zs(t.slug)%uo}" aria-hidden="true"></i><bdi>${t.name}</bdi></span>`}function Xs({users:t}){let[e,n,...o]=t.map(({id:s,name:r})=>l`<bdi key=${s}>${r}</bdi>`);return n?o.length?c("names.more",{first:e,second:n,count:o.length}):c("names.two",{first:e,second:n}):e??""}var fa=new Intl.Segmenter(void 0,{granularity:"grapheme"});function ha(t){let e=[...fa.segment(t)].map(({segment:n})=>n);return(e.find(n=>/^[\p{L}\p{N}]/u.test(n))??e.find(n=>/\S/u.test(n))??"?").toUpperCase()}function ma(t){let e=Zs(t);return`hue-${e%uo}${Math.floor(e/uo)%2?" deep":""}`}function Zs(t){let e=2166136261;for(let n=0;n<t.length;n+=1)e=Math.imul(e^t.charCodeAt(n),16777619);return e>>>0}var $a=150,fo=4;function er(t,{near:e,discussionId:n,apply:o}){let[s,r]=I(null),i=N(null),a=N(null),u=N(null),p=()=>document.getElementById(t),d=()=>{i.current?.abort(),r(null)};L(()=>()=>i.current?.abort(),[]),j(()=>{s&&(u.current.showPopover(),_a(u.current,p(),s.mention.at))},[s]);let m=(y,v)=>{let b=v.slice(0,6);b.length&&V.announce(c("composer.suggested",{count:b.length})),r(k=>{let G=b.findIndex(({id:R})=>R===k?.users[k.active]?.id);return b.length?{mention:y,users:b,active:G===-1&&y.word?0:G}:null})},f=async y=>{i.current?.abort();let{value:v,selectionStart:b,selectionEnd:k}=p(),G=b===k?Vs(v,b):null;if(G?.at!==a.current&&(a.current=null),!G||a.current!==null)return d();let R={...G,isComposed:y},$=Ks(e(),R.word);if(m(R,$),!R.word||$.length>=6)return;let{signal:S}=i.current=new AbortController,x=await ba(R.word,n,S),D=new Map([...$,...x].map(B=>[B.id,B]));return S.aborted?void 0:m(R,[...D.values()])},h=y=>{d(),s.mention.isComposed&&p().blur(),o(zs(p().value,s.mention,y.handle))},g=y=>r({...s,active:(Math.max(s.active,y>0?-1:0)+y+s.users.length)%s.users.length}),w={ArrowDown:()=>g(1),ArrowUp:()=>g(-1),Escape(){a.current=s.mention.at,d()},...s?.active>=0&&{Enter:()=>h(s.users[s.active]),Tab:()=>h(s.users[s.active])}};return{look:f,pressed:y=>!s||y.ctrlKey||y.metaKey||y.altKey||y.shiftKey||!w[y.key]?!1:(y.preventDefault(),w[y.key](),!0),close:d,field:ga(t,s),list:s&&l`<${ya} ...${{id:t,list:u,found:s,choose:h}} />`}}function ga(t,e){return{"aria-autocomplete":"list","aria-haspopup":"listbox","aria-controls":e&&`${t}-people`,"aria-activedescendant":e?.active>=0?`${t}-${e.users[e.active].id}`:null}}function ya({id:t,list:e,found:n,choose:o}){let s=r=>r.preventDefault();return l`<ul ref=${e} id=${`${t}-people`} popover="manual" class="menu suggestions" role="listbox" aria-label=${c("composer.people")} onMouseDown=${s}>
    ${n.users.map((r,i)=>l`<li key=${r.id} id=${`${t}-${r.id}`} role="option" aria-selected=${i===n.active} onClick=${()=>o(r)}>
      <${ae} user=${r} size="small" /><bdi class="name">${r.name}</bdi> <bdi class="handle">@${r.handle}</bdi>
    </li>`)}
  </ul>`}async function ba(t,e,n){if(await new Promise(o=>setTimeout(o,$a)),n.aborted)return[];try{let{people:o}=await _.execute(ct,{query:t,first:6,discussionId:e},{signal:n});return o.filter(({id:s})=>s!==_.viewer?.user.id)}catch(o){if(!(o instanceof _e||o instanceof $e))throw o;return n.aborted||console.info("The server suggests nobody:",o.message),[]}}function _a(t,e,n){let o=Ys(e,n),{offsetWidth:s,offsetHeight:r}=t,i=getComputedStyle(e).direction==="rtl"?o.right-s:o.left,a=o.bottom+fo+r<=innerHeight;t.style.left=`${Math.max(8,Math.min(i,innerWidth-s-8))}px`,t.style.top=`${Math.max(8,a?o.bottom+fo:o.top-fo-r)}px`}var bt=[{name:"bold",label:"composer.bold",key:"b",keys:"B"},{name:"italic",label:"composer.italic",key:"i",keys:"I"},{name:"link",label:"composer.link",key:"k",keys:"K"},{name:"code",label:"composer.code",key:"e",keys:"E"},{name:"quote",label:"composer.quote",key:"Period",shift:!0,keys:"Shift+."},{name:"list",label:"composer.list",key:"Digit8",shift:!0,keys:"Shift+8"},{name:"picture",label:"composer.picture"},{name:"spoiler",label:"composer.spoiler"}],wa=()=>[],ho=/^(Mac|iP)/.test(navigator.platform);function Ye({id:t,label:e,body:n,caret:o=null,limit:s,preview:r,isSaved:i=null,near:a=wa,discussionId:u=null,onWrite:p,onSend:d,onEscape:m,autofocus:f=!0,rows:h=5}){let g=N(null),[w,E]=I(null);j(()=>{f&&g.current?.focus()},[]),j(()=>{!o||!g.current||(g.current.focus(),g.current.setSelectionRange(o.at,o.at),g.current.scrollTop=g.current.scrollHeight)},[o]);let y=async()=>{let $={isLoading:!0};E($);let S=await _.execute(Hn,r()).then(({previewBody:x})=>x,x=>({errors:Y(x)}));E(x=>x===$?S:x)},v=$=>jt(g.current,$,p),b=$=>v(Gs($,g.current.value,g.current.selectionStart,g.current.selectionEnd)),k=er(t,{near:a,discussionId:u,apply:v}),G=$=>{if(!(va($)||k.pressed($))){if($.key==="Enter"&&($.ctrlKey||$.metaKey))$.preventDefault(),d();else if($.key==="Escape")m?.();else if(($.ctrlKey||$.metaKey)&&!$.altKey){let S=Ea($);if(!S)return;$.preventDefault(),b(S.name)}}},R=s-[...n].length;return l`<div class="editor">
    <div class="tabs">
      <div role="group" aria-label=${c("composer.tabs")}>
        <button type="button" aria-pressed=${w===null} onClick=${()=>E(null)}>${c("composer.write")}</button>
        <button type="button" aria-pressed=${w!==null} disabled=${!n.trim()} onClick=${y}>${c("composer.preview")}</button>
      </div>
      ${w===null&&l`<${xa} use=${b} controls=${t} />`}
    </div>
    <label class="unseen" for=${t}>${e}</label>
    <textarea
      ref=${g}
      id=${t}
      dir=${n?"auto":null}
      rows=${h}
      hidden=${w!==null}
      placeholder=${e}
      value=${n}
      ...${k.field}
      onInput=${$=>{p($.target.value),k.look($.isComposing)}}
      onKeyDown=${G}
      onBlur=${k.close}
    ></textarea>
    ${k.list}
    ${w!==null&&l`<div class="preview" role="region" aria-label=${c("composer.preview")} tabindex="0" aria-busy=${!!w.isLoading}>
      ${w.isLoading&&l`<p class="hint">${c("composer.loadingPreview")}</p>`}
      ${w.errors?.map($=>l`<p key=${$.code} class="hint" role="status" data-code=${$.code}>${ie($)}</p>`)}
      ${w.bodyHtml&&l`<${Ke} bodyHtml=${w.bodyHtml} />`}
    </div>`}
    <p class="editor-foot">
      <span class="hint">${c("composer.hint",{keys:l`<span><kbd>${ho?"⌘":"Ctrl"}</kbd> <kbd>Enter</kbd></span>`})}</span>
      ${i!==null&&l`<span class="saved" role="status" data-saved=${i}>${c(i?"composer.saved":"composer.notSaved")}</span>`}
      ${R<500&&l`<span class=${R<0?"left over":"left"} role="status">${R<0?c("composer.tooLong",{count:-R}):c("composer.left",{count:R})}</span>`}
    </p>
  </div>`}function va(t){return t.isComposing||t.keyCode===229}function Ea({key:t,code:e,shiftKey:n}){let o=/^\p{L}$/u.test(t)?co({key:t,code:e}):e;return bt.find(({key:s,shift:r=!1})=>s===o&&r===n)}function xa({use:t,controls:e}){let[n,o]=I(0),s=i=>{let a=document.documentElement.dir==="rtl"?"ArrowLeft":"ArrowRight",u=document.documentElement.dir==="rtl"?"ArrowRight":"ArrowLeft",p={[a]:n+1,[u]:n-1,Home:0,End:bt.length-1};if(!(i.key in p))return;i.preventDefault();let d=(p[i.key]+bt.length)%bt.length;o(d),i.currentTarget.children[d].focus()},r=i=>i.preventDefault();return l`<div class="toolbar" role="toolbar" aria-label=${c("composer.tools")} aria-controls=${e} onKeyDown=${s} onMouseDown=${r}>
    ${bt.map(({name:i,label:a,keys:u},p)=>{let d=u?`${c(a)} (${ho?"⌘":"Ctrl"}+${u})`:c(a),m=u&&`${ho?"Meta":"Control"}+${u}`;return l`<button key=${i} type="button" class="quiet square" data-tool=${i} tabindex=${p===n?0:-1} aria-label=${c(a)} aria-keyshortcuts=${m} title=${d} onClick=${()=>t(i)}>
        <${P} name=${i} />
      </button>`})}
  </div>`}function tr({post:t,discussionId:e,near:n,onDone:o,onSaved:s}){let r=`edit:${t.id}`,i=t.__typename==="Discussion",[a,u]=I(()=>qe(r)),[p,d]=I(null),[m,f]=I([]),[h,g]=I(!1),[w,E]=I(a?!0:null);L(()=>{a||y()},[]);async function y(){try{let{node:R}=await _.execute(Fn,{id:t.id});u({body:R.body,title:R.title,version:R.version,key:fe()})}catch(R){f(Y(R))}}function v(R){let $={...a,key:fe(),...R};u($),E(ze(r,$))}async function b(R=a){if(!_.viewer)return T.openSignIn(()=>b(R));g(!0),f([]);let $=await k(R);g(!1),f($);let S=$.find(({code:x})=>x==="EDIT_CONFLICT");S&&d(S.current)}async function k({body:R,title:$,version:S,key:x}){let D={body:R,expectedVersion:S,clientMutationId:x};try{let B=i?(await _.execute(Kn,{input:{...D,discussionId:t.id,title:$}})).editDiscussion:(await _.execute(Vn,{input:{...D,replyId:t.id}})).editReply;if(!B.errors.length){De(r),s(B.reply??B.discussion);let M=B.droppedQuoteIds.length;M&&V.show(c("edit.droppedQuotes",{count:M})),o()}return B.errors}catch(B){return Y(B)}}function G(){De(r),o()}if(!a)return l`<div class="editing"><${ne} errors=${m} /><p class="hint">${c("edit.loading")}</p></div>`;if(p){let R=$=>(f([]),d(null),v($),$);return l`<div class="editing">
      <${ne} errors=${m.filter(({code:$})=>$!=="EDIT_CONFLICT")} />
      <${Sa}
        current=${p}
        mine=${a}
        onMine=${()=>b(R({...a,version:p.version,key:fe()}))}
        onTheirs=${G}
        onMerge=${()=>R({...a,version:p.version})}
      />
    </div>`}return l`<div class="editing" role="group" aria-label=${c("edit.label")}>
    ${t.version>a.version&&l`<p class="notice" role="status">${c("edit.editedMeanwhile")}</p>`}
    ${i&&l`<label class="field">${c("new.titleField")}
      <input dir=${a.title?"auto":null} value=${a.title} maxlength=${T.limits.titleLength} onInput=${R=>v({title:R.target.value})} />
    </label>`}
    <${Ye}
      id=${`edit-${t.id}`}
      label=${c("edit.text")}
      body=${a.body}
      isSaved=${w}
      near=${n}
      discussionId=${e}
      rows=${8}
      limit=${i?T.limits.openingPostLength:T.limits.replyLength}
      preview=${()=>({body:a.body,discussionId:e,quotes:[],replyToId:null})}
      onWrite=${R=>v({body:R})}
      onSend=${()=>b()}
      onEscape=${o}
    />
    <${ne} errors=${m} />
    <footer>
      <button type="button" onClick=${G}>${qe(r)?c("edit.discard"):c("page.cancel")}</button>
      <button type="button" class="primary" disabled=${h} onClick=${()=>b()}>${c("edit.save")}</button>
    </footer>
  </div>`}function Sa({current:t,mine:e,onMine:n,onTheirs:o,onMerge:s}){let r=t.state==="DELETED";return l`<section class="conflict" role="alert" aria-label=${c("edit.conflict")}>
    <h3>${c("edit.conflictHeading")}</h3>
    <div class="sides">
      <div class="side" data-side="theirs">
        <h4>${c("edit.current")} <small>${c("edit.currentVersion",{number:t.version})}</small></h4>
        ${r?l`<p>${c("edit.currentDeleted")}</p>`:l`<${Ke} bodyHtml=${t.bodyHtml} />`}
      </div>
      <div class="side" data-side="mine">
        <h4>${c("edit.yours")} <small>${c("edit.yoursVersion",{number:e.version})}</small></h4>
        <pre dir="auto" tabindex="0" aria-label=${c("edit.yours")}>${e.body}</pre>
      </div>
    </div>
    <footer>
      <button type="button" onClick=${o}>${c("edit.keepCurrent")}</button>
      ${!r&&l`<button type="button" onClick=${s}>${c("edit.continue")}</button>
        <button type="button" class="primary" onClick=${n}>${c("edit.saveMine")}</button>`}
    </footer>
  </section>`}var Ia=[["year",365.25*86400],["month",30.44*86400],["week",7*86400],["day",86400],["hour",3600],["minute",60]],ka=new Intl.RelativeTimeFormat(pe,{numeric:"auto"}),Ta=new Intl.DateTimeFormat(pe,{dateStyle:"full",timeStyle:"medium"}),Ca=2e4;function nr(t,e=Date.now()){let n=(Date.parse(t)-e)/1e3,[o,s]=Ia.find(([,r])=>Math.abs(n)>=r)??[];return o?ka.format(Math.round(n/s),o):c("time.now")}var mo=new Map;setInterval(()=>{for(let[t,e]of mo){let n=nr(e);t.textContent!==n&&(t.textContent=n)}},Ca);function ge({at:t}){let e=N(null);return j(()=>{let{current:n}=e;return n.textContent=nr(t),mo.set(n,t),()=>mo.delete(n)},[t]),l`<time ref=${e} datetime=${t} title=${Ta.format(new Date(t))}></time>`}var $o=6,Da=0;function Le({button:t,label:e=null,className:n="",menuClass:o="",action:s=null,children:r}){let i=me(()=>`menu-${Da+=1}`,[]),a=N(null),u=N(null),[p,d]=I(!1);return j(()=>{if(!p)return;let f=requestAnimationFrame(()=>Qe(u.current,a.current)),h=()=>{let{top:g,bottom:w}=a.current.getBoundingClientRect();w<0||g>innerHeight?u.current.hidePopover():Qe(u.current,a.current)};return addEventListener("scroll",h,{passive:!0}),()=>{cancelAnimationFrame(f),removeEventListener("scroll",h)}},[p]),l`<button type="button" ref=${a} class=${n} data-action=${s} popovertarget=${i} aria-expanded=${p} aria-label=${e} title=${e}>${t}</button>
    <div ref=${u} id=${i} popover="auto" class="menu ${o}" onBeforeToggle=${({newState:f})=>d(f==="open")} onClick=${f=>f.target.closest("button, a")&&u.current?.hidePopover()}>
      ${p&&r}
    </div>`}function Qe(t,e){let n=e.getBoundingClientRect(),{offsetWidth:o,offsetHeight:s}=t,i=getComputedStyle(e).direction==="rtl"?n.left:n.right-o,a=n.bottom+$o+s<=innerHeight||n.top<innerHeight/2;t.style.left=`${Math.max(8,Math.min(i,innerWidth-o-8))}px`,t.style.top=`${a?n.bottom+$o:n.top-$o-s}px`}var Kt=matchMedia("(min-width: 1041px)");function _t(){let[t,e]=I(Kt.matches);return L(()=>{let n=()=>e(Kt.matches);return Kt.addEventListener("change",n),()=>Kt.removeEventListener("change",n)},[]),t}function or(t,e){return async(n,{isCalm:o=!1}={})=>{let s=t.thread.replies.has(n);try{if(!await t.reach(n))return void Ra(t.discussion,n,await t.tombstone(n))}catch(a){return void V.show(ie(Y(a)[0]))}let{path:r}=t.thread.replies.get(n);e(a=>new Set([...a].filter(u=>!r.slice(0,-1).includes(u))));let i=()=>o&&s?zt(document.getElementById(`reply-${n}`)):sr(n);requestAnimationFrame(()=>requestAnimationFrame(i))}}function Ra(t,e,n){if(!n)return V.show(c("thread.noSuchReply",{number:e}));let o=()=>K.go(`${be(t)}?root=${e}`),s=n.viewerCanRestore||n.deletion?.body;V.show(c("thread.unlistedReply",{number:e}),s?{label:c("outbox.show"),act:o}:null)}function sr(t,e=3){let n=document.getElementById(`reply-${t}`);if(n){if(n.scrollIntoView({block:"start",behavior:"instant"}),e>1)return void requestAnimationFrame(()=>sr(t,e-1));zt(n),n.classList.remove("found"),requestAnimationFrame(()=>n.classList.add("found"))}}function rr(t){let e=()=>document.getElementById(`reply-${t}`)?.scrollIntoView({block:"start",behavior:"instant"});requestAnimationFrame(()=>(e(),requestAnimationFrame(e)))}function zt(t){t?.focus({preventScroll:!0}),go(t)}function go(t){t?.scrollIntoView({block:"nearest",behavior:matchMedia("(prefers-reduced-motion: reduce)").matches?"instant":"smooth"})}function ir({path:t,actions:e}){let n=o=>{let s=o.target.closest("article"),r=t[t.length-1-Yt(s)+ar(o,s)];e.toggle({sequence:r}),setTimeout(()=>go(document.getElementById(`reply-${r}`)),0)};return l`<div class="guides" aria-hidden="true" title=${c("post.collapseBranch")} onClick=${n}></div>`}var wt={posts:[],level:-1};function yo(t){if(t&&t.pointerType!=="mouse")return;let e=t?.currentTarget,n=e?t.target.closest(".guides")?ar(t,e):Yt(e)-1:-1;if(!(n===wt.level&&wt.posts.includes(e))){for(let o of wt.posts)o.style.removeProperty("--lit");wt={level:n,posts:n<0?[]:Aa(e,n)};for(let o of wt.posts)o.style.setProperty("--lit",n)}}function Aa(t,e){let n=[t];for(let o of["previousElementSibling","nextElementSibling"])for(let s=t[o];s&&Yt(s)>e;s=s[o])n.push(s);return n}function Yt(t){return Number(t.style.getPropertyValue("--depth"))}function ar({clientX:t},e){let n=e.querySelector(":scope > .guides").getBoundingClientRect(),o=getComputedStyle(e),s=o.direction==="rtl"?n.right-t:t-n.left;return Math.max(0,Math.min(Yt(e)-1,Math.floor(s/Number.parseFloat(o.getPropertyValue("--indent")))))}var Pa=864e5,cr=it(function({reply:e,depth:n,below:o,number:s,path:r,isNew:i,isEditing:a,canWrite:u,actions:p}){let d=N(null),m=e.state==="DELETED";return Ua(d,i,()=>p.see(e.sequence)),l`<article
    ref=${d}
    id=${`reply-${e.sequence}`}
    class=${`post ${i?"fresh":""} ${m?"gone":""}`}
    style=${{"--depth":n}}
    tabindex="-1"
    data-sequence=${e.sequence}
    data-depth=${n}
    data-version=${e.version}
    data-state=${e.state}
    aria-label=${m?c("post.replyDeleted",{number:e.sequence}):c("post.replyBy",{number:e.sequence,name:fr(e.author)})}
    onPointerMove=${yo}
    onPointerLeave=${()=>yo(null)}
  >
    ${n>0&&l`<${ir} path=${e.path} actions=${p} />`}
    <header>
      ${m?l`<span class="avatar hue-none" aria-hidden="true">·</span>`:l`<${mt} user=${e.author} />`}
      <p class="byline">
        ${!m&&l`<${$t} user=${e.author} /><${po} post=${e} />`}
        <a class="when" href=${`${r}#reply-${e.sequence}`}><${ge} at=${e.createdAt} /></a>
        <${ur} post=${e} />
        ${e.replyTo&&l`<${La} replyTo=${e.replyTo} ...${{path:r,number:s,actions:p}} />`}
      </p>
      <span class="number" aria-hidden="true">${e.sequence}</span>
    </header>
    <div class="content">
      <${bo} post=${e} number=${s} isEditing=${a} actions=${p} />
    </div>
    ${!a&&l`<${dr} post=${e} canWrite=${u} below=${o} actions=${p} />`}
  </article>`}),lr=it(function({discussion:e,isEditing:n,canWrite:o,actions:s}){return l`<article
    id="opening"
    class="post opening"
    tabindex="-1"
    data-state=${e.state}
    data-version=${e.version}
    aria-label=${c("post.openingBy",{name:fr(e.author)})}
  >
    <h2 class="unseen">${c("post.opening")}</h2>
    <header>
      <${mt} user=${e.author} size="large" />
      <p class="byline">
        <${$t} user=${e.author} />
        <${po} post=${{...e,byDiscussionAuthor:!1}} />
        <span class="when"><${ge} at=${e.createdAt} /></span>
        <${ur} post=${e} />
      </p>
    </header>
    <div class="content">
      <${bo} post=${e} number=${e.number} isEditing=${n} actions=${s} />
    </div>
    ${!n&&l`<${dr} post=${e} canWrite=${o} below=${0} actions=${s} />`}
  </article>`});function bo({post:t,number:e,isEditing:n,actions:o}){return n?l`<${tr} post=${t} discussionId=${o.discussionId} near=${o.people} onDone=${()=>o.stopEditing(t)} onSaved=${o.saved} />`:t.state==="DELETED"?l`<${qa} post=${t} actions=${o} />`:l`<${Ke} bodyHtml=${t.bodyHtml} quotes=${t.quotes} postId=${t.id} number=${e} />`}var Oa={AUTHOR:"post.deletedByAuthor",MODERATOR:"post.deletedByModerator",ERASURE:"post.erased"},Na={AUTHOR:"post.discussionDeletedByAuthor",MODERATOR:"post.discussionDeletedByModerator",ERASURE:"post.discussionErased"},Ma=new Intl.DateTimeFormat(pe,{dateStyle:"long"});function qa({post:t,actions:e}){let{sequence:n,deletion:o,viewerCanRestore:s}=t,r=s&&T.deletedDays>0&&Ma.format(Date.parse(o.at)+T.deletedDays*Pa),i=n?Oa[o?.by]??"post.deleted":Na[o?.by]??"post.discussionDeleted";return l`<div class="tombstone">
    <p>${c(i)}</p>
    ${o?.reason&&l`<p>${c("post.reason",{reason:l`<bdi>${o.reason}</bdi>`})}</p>`}
    ${o?.body&&l`<details><summary>${c("post.said")}</summary><p class="as-typed" dir="auto">${o.body}</p></details>`}
    ${s&&e&&l`<p>
      ${r&&c("post.restorable",{date:r})}
      <button type="button" class="link" data-action="restore" onClick=${()=>e.restore(t)}>${c("post.restore")}</button>
    </p>`}
  </div>`}function ur({post:{lastEditedAt:t,state:e}}){return!t||e==="DELETED"?null:l`<span class="edited">${c("post.edited",{time:l`<${ge} at=${t} />`})}</span>`}function La({replyTo:t,path:e,number:n,actions:o}){let[s,r]=I(null),i=N(null),a=N(null);j(()=>{if(!s)return;a.current.showPopover(),Qe(a.current,i.current);let d=()=>r(null);return addEventListener("scroll",d,{passive:!0,once:!0}),()=>removeEventListener("scroll",d)},[s]);let u=()=>r(o.loadedReply(t.sequence)),p=()=>r(null);return l`<a
      ref=${i}
      class="answers"
      href=${`${e}#reply-${t.sequence}`}
      aria-label=${c("post.inReplyTo",{name:t.author?.name??c("post.deletedParent")})}
      onPointerEnter=${({pointerType:d})=>d==="mouse"&&u()}
      onPointerLeave=${p}
      onFocus=${({currentTarget:d})=>d.matches(":focus-visible")&&u()}
      onBlur=${p}
      onClick=${p}
      onKeyDown=${({key:d})=>d==="Escape"&&p()}
      ><${P} name="reply" /><bdi>${t.author?.name??c("post.deletedParent")}</bdi></a
    >
    ${s&&l`<div ref=${a} popover="manual" class="peek" aria-hidden="true">
      <${Vt} user=${s.author} /><${bo} post=${s} number=${n} />
    </div>`}`}function dr({post:t,canWrite:e,below:n,actions:o}){let s=t.state==="VISIBLE",r=[s&&e&&{name:"quote",label:c("post.quote"),icon:"quote",act:()=>o.quote(t)},s&&t.viewerCanEdit&&{name:"edit",label:c("post.edit"),icon:"edit",act:()=>o.edit(t)},s&&t.viewerCanDelete&&{name:"delete",label:c("post.delete"),icon:"trash",act:()=>o.remove(t)},t.descendantCount>0&&!n&&{name:"collapse",label:c("post.collapse"),icon:"fold",act:()=>o.toggle(t)}].filter(Boolean);return l`${n>0&&l`<div class="actions folded">
      <button type="button" class="quiet" data-action="collapse" aria-expanded="false" onClick=${()=>o.toggle(t)}><${P} name="next" />${c("thread.replies",{count:n})}</button>
    </div>`}
    ${(r.length>0||s&&e)&&l`<div class="actions">
      ${s&&e&&l`<button type="button" class="quiet" data-action="reply" onClick=${()=>o.reply(t)}><${P} name="reply" />${c("post.reply")}</button>`}
      <span class="direct">${r.map(({name:i,label:a,icon:u,act:p})=>l`<button key=${i} type="button" class="quiet square" data-action=${i} aria-label=${a} title=${a} onClick=${p}><${P} name=${u} /></button>`)}</span>
      ${r.length>0&&l`<${Le} className="quiet square more" action="more" label=${c("post.moreActions")} button=${l`<${P} name="more" />`}>
        ${r.map(({name:i,label:a,icon:u,act:p})=>l`<button key=${i} type="button" onClick=${p}><${P} name=${u} />${a}</button>`)}
      <//>`}
    </div>`}`}function pr({entry:t,depth:e,isSending:n,isOfAnotherUser:o,viewer:s,isHeld:r,actions:i}){let a=t.errors.length>0;return l`<article class="post pending" tabindex="-1" style=${{"--depth":e}} data-pending=${t.key} data-refused=${a}
    aria-label=${a?c("outbox.refusedLabel"):c("outbox.pendingLabel")}>
    <header>
      <${ae} user=${t.author} />
      <p class="byline">
        <${Vt} user=${t.author} />
        <span class="state" role="status">${Ba({entry:t,isSending:n,isOfAnotherUser:o,isHeld:r})}</span>
      </p>
    </header>
    <div class="content">
      ${t.quotes.filter(({isInText:u})=>!u).map(u=>l`<blockquote key=${u.key} class="as-typed" dir="auto">${u.text}</blockquote>`)}
      <p class="post-body as-typed" dir="auto">${t.body}</p>
      <${ne} errors=${t.errors} />
    </div>
    <div class="actions">
      ${a&&l`<button type="button" class="quiet" onClick=${()=>i.sendAgain(t)}>${c("page.tryAgain")}</button>`}
      ${o&&s&&l`<button type="button" class="quiet" onClick=${()=>i.adopt(t)}>${c("outbox.sendAs",{name:l`<bdi>${s.user.name}</bdi>`})}</button>`}
      ${o&&!s&&l`<button type="button" class="quiet" onClick=${i.signIn}>${c("outbox.signInToSend")}</button>`}
      ${(a||!n&&!t.tried)&&l`<button type="button" class="quiet" onClick=${()=>i.cancel(t)}>${c("post.edit")}</button>`}
    </div>
  </article>`}function Ba({entry:t,isSending:e,isOfAnotherUser:n,isHeld:o}){return t.errors.length?c("outbox.notSent"):n?c("outbox.waitsForSignIn"):e?c("outbox.sending"):o?c("outbox.waitsForConnection"):c("outbox.waits")}function fr(t){return t?.name??c("page.formerMember")}function Ua(t,e,n){L(()=>{if(!e)return;let o=new IntersectionObserver(s=>{s.some(({isIntersecting:r})=>r)&&!document.hidden&&n()},{rootMargin:"-64px 0px -64px 0px"});return o.observe(t.current),()=>o.disconnect()},[e])}var Be=64,Ha=10,Qt=class extends Ie{getSnapshotBeforeUpdate(){let e=Jt();return e&&{id:e.id,top:e.getBoundingClientRect().top}}componentDidUpdate(e,n,o){let s=o&&document.getElementById(o.id);if(!s||scrollY===0)return;let r=s.getBoundingClientRect().top-o.top;Math.abs(r)>1&&scrollBy({top:r,behavior:"instant"})}render({rows:e,number:n,path:o,unseen:s,editing:r,canWrite:i,actions:a,pendingProps:u,loading:p,loadSubtree:d}){return l`<section class="reply-list" aria-busy=${p.size>0} aria-label=${c("thread.label")}>
      ${e.map(m=>{if(m.kind==="pending")return l`<${pr} key=${m.key} entry=${m.entry} depth=${m.depth} actions=${a} ...${u(m.entry)} />`;if(m.kind==="more")return l`<div key=${m.key} class="more-below" style=${{"--depth":m.depth}}>
            ${m.depth>Ha?l`<a href=${`${o}?root=${m.reply.sequence}`} data-branch=${m.reply.sequence}>${c("thread.continueBelow",{count:m.count})}</a>`:l`<button type="button" class="quiet" data-more=${m.reply.sequence} disabled=${p.has(m.reply.sequence)} onClick=${()=>d(m.reply)}>
                  ${c("thread.moreBelow",{count:m.count})}
                </button>`}
          </div>`;let{sequence:f}=m.reply;return l`<${cr}
          key=${m.key}
          reply=${m.reply}
          depth=${m.depth}
          below=${m.below}
          number=${n}
          path=${o}
          isNew=${s.has(f)}
          isEditing=${r.has(m.reply.id)}
          canWrite=${i}
          actions=${a}
        />`})}
    </section>`}};function Jt(){let t=document.querySelector(".reply-list");if(!t)return null;let{left:e,width:n}=t.getBoundingClientRect();for(let o of[Be+8,Be+48,Be+120]){let s=document.elementFromPoint(e+n-24,o)?.closest("article[data-sequence]");if(s)return s}return null}function Je(){let t=getSelection();if(!t||t.isCollapsed||!t.rangeCount)return null;let e=t.getRangeAt(0),n=$r(e.commonAncestorContainer)?.closest(".post-body[data-post]");if(!n)return null;let o=ft(Fa(e)).replace(/\n{3,}/g,`

`).trim();return o?{postId:n.dataset.post,text:o,box:e.getBoundingClientRect()}:null}function Fa(t){let e=t.cloneContents(),{commonAncestorContainer:n,startContainer:o,startOffset:s}=t,r=[];for(let a=$r(o).closest("li");a&&a!==n&&n.contains(a);a=a.parentElement.closest("li"))r.unshift(a);let i=e.querySelectorAll("li");return r.forEach((a,u)=>{let p=document.createRange();p.setStart(a,0),p.setEnd(o,s),p.toString().trim()&&delete i[u].dataset.marker}),e}function mr({onQuote:t}){let[e,n]=I(null);if(L(()=>{let i=null,a=()=>{clearTimeout(i),i=setTimeout(()=>n(Je()),120)},u=()=>n(Je());return document.addEventListener("selectionchange",a),addEventListener("scroll",u,{passive:!0}),()=>{clearTimeout(i),document.removeEventListener("selectionchange",a),removeEventListener("scroll",u)}},[]),ht({Escape:()=>{if(!e)return!1;getSelection().removeAllRanges()}}),!e||e.box.bottom<Be||e.box.top>innerHeight)return null;let{box:o}=e,s={left:`${hr(8,o.left+o.width/2-60,innerWidth-150)}px`,top:`${hr(72,o.bottom+52<innerHeight?o.bottom+8:o.top-48,innerHeight-52)}px`};return l`<button type="button" class="quote-button" style=${s} onPointerDown=${i=>i.preventDefault()} onClick=${()=>{getSelection().removeAllRanges(),n(null),t(e)}}>
    <${P} name="quote" />${c("thread.quoteThis")}
  </button>`}function hr(t,e,n){return Math.max(t,Math.min(n,e))}function $r(t){return t.nodeType===Node.ELEMENT_NODE?t:t.parentElement}function gr(t){let e=()=>t.current,n=o=>s=>new Set([...s].filter(r=>r!==o.id));return{get discussionId(){return e().liveDiscussion.discussion.id},people:()=>e().liveDiscussion.people,loadedReply:o=>e().liveDiscussion.thread.replies.get(o)??null,see:o=>e().liveDiscussion.see(o),reply:o=>e().composerState.open(o.sequence?o:null),quote(o,s=null){let r=s??Wa(o);r&&e().composerState.quote(o,r)},edit:o=>e().setEditing(s=>new Set([...s,o.id])),stopEditing(o){e().setEditing(n(o)),requestAnimationFrame(()=>document.getElementById(o.sequence?`reply-${o.sequence}`:"opening")?.focus({preventScroll:!0}))},saved:o=>e().liveDiscussion.thread.update(o),remove:o=>e().setRemoving(o),async removed(o,s){let r={...o.sequence?{replyId:o.id}:{discussionId:o.id},reason:s};e().liveDiscussion.thread.keep(o.id);try{let i=await _.execute(o.sequence?zn:Yn,{input:r}),a=i.deleteReply??i.deleteDiscussion;return e().liveDiscussion.thread.update(a.reply??a.discussion),a.errors}catch(i){return Y(i)}},async restore(o){let{liveDiscussion:s}=e(),r=o.sequence?{replyId:o.id}:{discussionId:o.id};try{let i=await _.execute(o.sequence?Qn:Jn,{input:r}),{reply:a,errors:u}=i.restoreReply??i.restoreDiscussion;if(u.length)return V.show(ie(u[0]));a?s.thread.update(a):await s.open(),V.announce(c("post.restored"))}catch(i){V.show(ie(Y(i)[0]))}},async lock(o){let s=o.locked?Zn:Xn;try{let{written:r}=await _.execute(s,{input:{discussionId:o.id}});e().liveDiscussion.thread.update(r.discussion),r.errors.length&&V.show(ie(r.errors[0]))}catch(r){V.show(ie(Y(r)[0]))}},toggle:o=>e().setCollapsed(s=>{let r=new Set(s);return r.delete(o.sequence)||r.add(o.sequence),r}),showMissed(){let{liveDiscussion:o}=e(),[s]=o.missed;o.clearMissed(),K.go(`#reply-${s}`,{instead:!0})},sendAgain:o=>re.again(o.key),adopt:o=>re.adopt(o.key,_.viewer.user),signIn:()=>T.openSignIn(),cancel(o){let{composerState:s}=e();re.settle(o.key),s.open(o.replyTo),s.resume(o)}}}function Wa(t){let e=Je();if(e?.postId===t.id)return e.text;let n=document.querySelector(`.post-body[data-post="${t.id}"]`)?.cloneNode(!0);return n?.querySelectorAll("blockquote").forEach(o=>o.remove()),n?ft(n).replace(/\n{3,}/g,`

`).trim():null}function yr({composerState:t,liveDiscussion:e,onSend:n}){J(t,_);let[o,s]=I([]),r=N(null),{isOpen:i,replyTo:a,quotes:u}=t,p=u.filter(({isInText:g})=>!g);if(L(()=>s([]),[i,a?.id]),j(()=>{let g=i?r.current.offsetHeight:0;return document.documentElement.style.setProperty("--composer",`${g}px`),()=>document.documentElement.style.removeProperty("--composer")},[i,p.length]),!i)return null;let d=()=>{e.stopTyping(),t.close(),document.getElementById(a?`reply-${a.sequence}`:"opening")?.focus({preventScroll:!0})},m=()=>{if(!t.body.trim())return s([{code:"BODY_EMPTY"}]);if(!_.viewer)return T.openSignIn(m);e.stopTyping();let{key:g}=re.add(t.draft,_.viewer.user);t.done(),n(g)},f=l`<bdi>${a?.author?.name??c("page.formerMember")}</bdi>`,h=a&&l`<a href=${`#reply-${a.sequence}`}>${c("quote.reply",{number:a.sequence})}</a>`;return l`<section ref=${r} class="composer" aria-label=${c("composer.label")} data-parent=${a?a.sequence:0}>
    <header>
      <p><${P} name="reply" /><span>${a?c("composer.replyTo",{name:f,post:h}):c("thread.replyToDiscussion")}</span></p>
      <button type="button" class="quiet square" aria-label=${c("composer.closeKeeping")} onClick=${d}><${P} name="close" /></button>
    </header>
    ${p.length>0&&l`<ul class="quote-chips" aria-label=${c("composer.quotes")}>
      ${p.map(g=>l`<${Ga} key=${g.key} quote=${g} composerState=${t} />`)}
    </ul>`}
    <${Ye}
      key=${a?.id??"opening"}
      id="composer-text"
      label=${c("composer.label")}
      body=${t.body}
      caret=${t.caret}
      limit=${T.limits.replyLength}
      isSaved=${t.isSaved}
      near=${()=>[...a?.author?[a.author]:[],...e.people]}
      discussionId=${t.discussionId}
      preview=${()=>t.preview}
      onWrite=${g=>{t.write(g),e.type()}}
      onSend=${m}
      onEscape=${d}
    />
    <${ne} errors=${o} />
    <footer>
      <span class="hint">${_.viewer?c("composer.asUser",{name:l`<bdi>${_.viewer.user.name}</bdi>`}):c("composer.signInFirst")}</span>
      <button type="button" class="primary" onClick=${m}>${c("composer.send")}</button>
    </footer>
  </section>`}function Ga({quote:t,composerState:e}){let n=t.name??c("page.somebody"),o=()=>document.getElementById("composer-text"),s=()=>{e.removeQuote(t.key),o().focus()},r=()=>{let{value:i,selectionStart:a}=o(),{body:u,caret:p}=e.moveIntoText(t.key,i,a);jt(o(),{from:0,to:i.length,insert:u,select:[p,p]},d=>e.write(d))};return l`<li class="quote-chip" data-source=${t.sourceId}>
    <${P} name="quote" /><span class="quote-excerpt"><strong><bdi>${n}</bdi></strong> <bdi>${t.text}</bdi></span>
    <button type="button" class="quiet small" data-action="into-text" onClick=${r}><${P} name="into" /><span>${c("composer.intoText")}</span></button>
    <button type="button" class="quiet square" data-action="remove-quote" aria-label=${c("composer.removeQuote",{name:n})} onClick=${s}><${P} name="close" /></button>
  </li>`}var ja=500;function br({post:t,onYes:e,onClose:n}){let[o,s]=I(""),[r,i]=I([]),[a,u]=I(!1),p=t.author?.id===_.viewer?.user.id&&(!!t.sequence||!t.replyCount),d=async()=>{u(!0);let m=await e(o.trim()||null);u(!1),m.length?i(m):n()};return l`<${je} title=${t.sequence?c("thread.deleteReply",{number:t.sequence}):c("thread.deleteDiscussion")} onClose=${n}>
    <p>${Va(t,p)}</p>
    <p>${Ka(p)}</p>
    ${!p&&l`<label class="field"><span>${c("deletion.reason")}</span>
      <input type="text" maxlength=${ja} dir="auto" value=${o} onInput=${m=>s(m.target.value)} />
    </label>`}
    <${ne} errors=${r} />
    <footer>
      <button type="button" onClick=${n}>${c("page.cancel")}</button>
      <button type="button" class="danger" disabled=${a} onClick=${d}>${c("post.delete")}</button>
    </footer>
  <//>`}function Va({sequence:t},e){return t?c(e?"deletion.ownReply":"deletion.reply"):c(e?"deletion.ownDiscussion":"deletion.discussion")}function Ka(t){let{deletedDays:e}=T;return e?c(t?"deletion.ownDays":"deletion.days",{count:e}):c("deletion.never")}var Xt=class extends Q{isOpen=!1;replyTo=null;body="";quotes=[];isSaved=null;caret=null;#e=null;constructor(e){super(),this.discussionId=e}open(e){this.#e=`reply:${this.discussionId}:${e?.id??"opening"}`;let n=qe(this.#e);this.isOpen=!0,this.replyTo=e,this.body=n?.body??"",this.quotes=Array.isArray(n?.quotes)?n.quotes:[],this.isSaved=n?!0:null,this.caret={at:this.body.length},this.notify()}write(e){this.body=e,this.isSaved=ze(this.#e,{body:e,quotes:this.quotes}),this.notify()}quote(e,n){this.isOpen||this.open(e.sequence?e:null);let{id:o,version:s,versionProof:r,author:i}=e,a={key:fe(),sourceId:o,sourceVersion:s,versionProof:r,name:i?.name,text:n,isInText:!1};this.quotes=[...this.quotes,a],this.caret={at:this.body.length},this.write(this.body)}removeQuote(e){this.quotes=this.quotes.filter(n=>n.key!==e),this.write(this.body)}moveIntoText(e,n,o){let s=this.quotes.find(r=>r.key===e);return this.quotes=this.quotes.map(r=>r===s?{...s,isInText:!0}:r),As(n,o,Ds(s.name??"Somebody",s.text))}resume({body:e,quotes:n}){this.quotes=[...this.quotes,...n],this.write([this.body,e].filter(Boolean).join(`

`))}get draft(){let{id:e,sequence:n,depth:o,author:s}=this.replyTo??{};return{discussionId:this.discussionId,replyTo:this.replyTo&&{id:e,sequence:n,depth:o,author:s},body:this.body,quotes:Rs(this.body,this.quotes)}}get preview(){let{discussionId:e,replyTo:n,body:o,quotes:s}=this.draft;return{discussionId:e,body:o,quotes:s.map(Mt),replyToId:n?.id??null}}done(){De(this.#e),this.close()}close(){this.isOpen=!1,this.body="",this.quotes=[],this.notify()}};var za=25,Xe=class extends Q{state="connecting";#e;#n;#t;#o;#a;#r;#l;#d=[];#i=()=>{};#c=[];#u=null;#p=!1;#s=0;constructor(e,{query:n,field:o,cursor:s,variables:r={},asOf:i=null,handle:a,resync:u}){super(),this.#e=i,this.#n=e,this.#t=n,this.#a=o,this.#o=r,this.#r=a,this.#l=u,this.cursor=s,this.#d.push(e.subscribe(()=>this.#b())),this.#m()}get asOf(){return this.state==="live"?this.#n.heardAt:this.#e}stop(){this.#f();for(let e of this.#d)e();this.#y("ended")}#f(){this.#s+=1,clearTimeout(this.#u),this.#u=null,this.#c=[],this.#i()}#m(){this.#y(this.#n.state==="open"?"replaying":"connecting");let e=this.#s,n=o=>s=>e===this.#s&&o(s);this.#i=this.#n.follow(this.#t,{variables:()=>({...this.#o,after:this.cursor}),next:n(o=>this.#g(o[this.#a])),failed:n(o=>this.#h(o)),ended:n(()=>this.#v())})}#g(e){this.#c.push(e),this.#u??=setTimeout(()=>this.#$(),za)}#$(){clearTimeout(this.#u),this.#u=null;let e=this.#c;if(this.#c=[],!e.length||this.state==="ended")return;let n=this.state!=="live"&&this.#p,o=e.findIndex(({__typename:r})=>r==="CaughtUp"),s=n?o===-1?e.length:o:0;try{this.#r(e,s)}catch(r){return console.error(r),this.#_("RESYNC_REQUIRED")}this.cursor=e.at(-1).cursor,e.at(-1).__typename==="ResyncRequired"?this.#_("RESYNC_REQUIRED"):o!==-1&&(this.#p=!0,this.#y("live"))}#b(){this.state!=="ended"&&(this.#$(),this.#y(this.#n.state==="open"?"replaying":"connecting"))}#h(e){let n=this.#s;this.#$(),n===this.#s&&(e.includes("BAD_CURSOR")||e.includes("RESYNC_REQUIRED")?this.#_("RESYNC_REQUIRED"):e.includes("NOT_FOUND")?this.stop():this.#_(e[0]))}#v(){let e=this.#s;this.#$(),e===this.#s&&this.stop()}async#_(e){this.#f(),this.#y("connecting");let n=this.#s,o=this.cursor;if(e==="RESYNC_REQUIRED"?o=await this.#w():await _r(),n===this.#s){if(o===null)return this.stop();this.cursor=o,this.#m()}}#y(e){e!==this.state&&(this.#e=this.asOf,this.state=e,this.notify())}async#w(){let e=this.#s;for(;e===this.#s;)try{return await this.#l()}catch(n){if(n.name!=="NetworkError"&&n.name!=="RequestError")throw n;await _r()}return null}};function _r(){return new Promise(t=>setTimeout(t,2e3+3e3*Math.random()))}var Ya=500,Qa=["replyCount","participantCount","viewCount","lastActivityAt","eventNumber"];function Zt(t,e,n="OLDEST"){let o=Math.min(t.length,e.length);for(let s=0;s<o;s+=1)if(t[s]!==e[s])return n==="NEWEST"?e[s]-t[s]:t[s]-e[s];return t.length-e.length}function en(t,e){return e.length<=t.length&&e.every((n,o)=>n===t[o])}var tn=class extends Q{discussion=null;replies=new Map;inOrder=[];before={more:!1,cursor:null};after={more:!1,cursor:null};#e=null;#n=null;#t=null;#o=new Map;#a=new Map;#r=new Set;#l=[];constructor(e="OLDEST"){super(),this.order=e}get root(){return this.#e&&(this.replies.get(this.#e.sequence)??this.#e)}compare(e,n){return Zt(e,n,this.order)}clear(){this.discussion=null,this.replies=new Map,this.#o=new Map,this.#a=new Map,this.#l=[]}holds(e){return!this.#e||en(e,this.#e.path)}replace(e,n,o=null){let s=this.replies;this.#e=o,this.replies=new Map,this.inOrder=[],this.before={more:n.pageInfo.hasPreviousPage,cursor:n.pageInfo.startCursor},this.after={more:n.pageInfo.hasNextPage,cursor:n.pageInfo.endCursor},this.#n=n.edges[0]?.node.path??null,this.#t=n.edges.at(-1)?.node.path??null,this.#b(e);for(let r of[...o?[{node:o,cursor:null}]:[],...n.edges]){let i=s.get(r.node.sequence);i&&this.replies.set(i.sequence,i),this.#p(r,e.eventNumber)}this.inOrder=[...this.replies.values()],this.#i(e.eventNumber),this.notify()}extend(e,n,o){let[s]=n.edges.slice(e==="after"?-1:0);this[e]=e==="after"?{more:n.pageInfo.hasNextPage,cursor:n.pageInfo.endCursor}:{more:n.pageInfo.hasPreviousPage,cursor:n.pageInfo.startCursor},s&&e==="after"&&(this.#t=s.node.path),s&&e==="before"&&(this.#n=s.node.path),this.addSubtree(n,o)}addSubtree(e,n){for(let o of e.edges)this.#p(o,n);this.#i(n),this.notify()}apply(e){let{eventNumber:n}=e,o=this.#l.findLastIndex(s=>s.eventNumber<=n)+1;return this.#l=[...this.#l.slice(0,o),e,...this.#l.slice(o)].slice(-Ya),this.#c(e),this.#i(n),this.notify(),this.replies.has(e.reply?.sequence)}lacks({edges:e=[]}){return e.some(({node:n})=>n.state==="DELETED"&&!this.replies.has(n.sequence))}update(e){e&&this.apply({eventNumber:e.lastEvent,post:e})}keep(e){this.#r.add(e)}count(e){this.#h(e),this.notify()}placeOf(e){return this.before.more&&this.#n&&Zt(e,this.#n,this.order)<0?"before":this.after.more&&this.#t&&Zt(e,this.#t,this.order)>0?"after":"inside"}rows({collapsed:e=new Set,pending:n=[]}={}){let o=[],s=({depth:f})=>f-(this.root?.depth??0),r=new Map;for(let{path:f,descendantCount:h}of this.inOrder){let g=f.at(-2);g!==void 0&&r.set(g,(r.get(g)??0)+1+h)}let i=Xa(n,Ja),a=[],u=f=>{for(let h of i.get(f.sequence)??[])o.push({kind:"pending",key:`pending-${h.key}`,entry:h,depth:s(f)+1});i.delete(f.sequence)},p=f=>{let h=f.descendantCount-(r.get(f.sequence)??0);h>0&&!this.#d(f)&&o.push({kind:"more",key:`more-${f.sequence}`,reply:f,count:h,depth:s(f)+1}),u(f)},d=null;for(let f of this.inOrder){if(d&&en(f.path,d))continue;for(d=null;a.length&&!en(f.path,a.at(-1).path);)p(a.pop());let h=e.has(f.sequence)&&f.descendantCount>0;o.push({kind:"reply",key:f.sequence,reply:f,depth:s(f),below:h?f.descendantCount:0}),h?d=f.path:a.push(f),!h&&this.order==="NEWEST"&&u(f)}for(;a.length;)p(a.pop());let m=[...i.values()].flat().map(f=>({kind:"pending",key:`pending-${f.key}`,entry:f,depth:f.replyTo?Math.max(0,s(f.replyTo)+1):0}));return this.order==="NEWEST"?[...m,...o]:[...o,...m]}#d(e){return this.after.more&&this.#t!==null&&en(this.#t,e.path)}#i(e){for(let n of this.#l)n.eventNumber>e&&this.#c(n)}#c({eventNumber:e,discussion:n,reply:o,post:s=o,edge:r,ancestors:i=o?.ancestors??[],unlisted:a=[]}){n&&this.#h(n),s?.__typename==="Discussion"?this.#b(s):s&&this.replies.has(s.sequence)&&this.#p({node:s},e);for(let u of i)this.#g(u,e);r&&this.#u(o.path)&&this.#p({cursor:r.cursor,node:o},e);for(let u of a)this.#m(u)}#u(e){let n=e.at(-2);return this.placeOf(e)==="inside"&&(n===void 0?!this.#e:this.replies.has(n))}#p({cursor:e,node:n},o){let{ancestors:s,replyCount:r,descendantCount:i,...a}=n,u=this.replies.get(n.sequence);u||this.#o.delete(n.id);let p=this.#$(n.id,o)?n:u,d={...u&&wr(a,u)?u:a,cursor:e??u?.cursor,replyCount:p.replyCount,descendantCount:p.descendantCount};this.#a.set(n.id,n.sequence),!(u&&vr(u,d))&&(this.replies.set(n.sequence,d),this.#f(d,!!u),u&&u.state!==d.state&&this.#s(d))}#s({sequence:e,author:n}){for(let o of this.inOrder){if(o.replyTo?.sequence!==e)continue;let s={...o,replyTo:{...o.replyTo,author:n&&{name:n.name}}};this.replies.set(o.sequence,s),this.#f(s,!0)}}#f(e,n){let[o,s]=[0,this.inOrder.length];for(;o<s;){let r=o+s>>1;Zt(this.inOrder[r].path,e.path,this.order)<0?o=r+1:s=r}this.inOrder=[...this.inOrder.slice(0,o),e,...this.inOrder.slice(o+(n?1:0))]}#m(e){let n=this.#a.get(e);n===void 0||n===this.#e?.sequence||this.#r.has(e)||(this.replies.delete(n),this.inOrder=this.inOrder.filter(o=>o.sequence!==n),this.#o.delete(e),this.#a.delete(e))}#g({id:e,replyCount:n,descendantCount:o},s){let r=this.replies.get(this.#a.get(e));if(!r||!this.#$(e,s)||r.replyCount===n&&r.descendantCount===o)return;let i={...r,replyCount:n,descendantCount:o};this.replies.set(r.sequence,i),this.#f(i,!0)}#$(e,n){return n<this.#o.get(e)?!1:(this.#o.set(e,n),!0)}#b({thread:e,eventCursor:n,...o}){let s=this.discussion;s?wr(o,s)||this.#v({...o,...Er(s)}):this.discussion=o,this.#h(o)}#h(e){let n=this.discussion;n&&!(e.eventNumber<n.eventNumber)&&this.#v({...n,...Er(e)})}#v(e){vr(this.discussion,e)||(this.discussion=e)}};function wr(t,e){return t.lastEvent<e.lastEvent}function vr(t,e){return JSON.stringify(t)===JSON.stringify(e)}function Er(t){return Object.fromEntries(Qa.filter(e=>e in t).map(e=>[e,t[e]]))}function Ja(t){return t.replyTo?.sequence??null}function Xa(t,e){let n=new Map;for(let o of t)n.set(e(o),[...n.get(e(o))??[],o]);return n}var nn=50,Za=60,ec=15e3,tc=6e3,Ze=5,nc=new Set(["RESTORED","ERASED","RENDERED"]),on=class extends Q{state="loading";follower=null;presence=null;missed=[];unseen=new Map;loading=new Set;topSequence=()=>null;#e=new Map;#n;#t;#o;#a=[];#r=0;#l=null;#d=()=>{};#i=[];#c=!1;#u=!1;constructor(e,{session:n,connection:o,outbox:s,order:r="OLDEST",root:i=null}){super(),this.number=e,this.root=i,this.thread=new tn(r),this.#n=n,this.#t=o,this.#o=s,this.onArrived=()=>{},this.#a.push(this.thread.subscribe(()=>this.notify()),s.subscribe(()=>this.notify()),o.subscribe(()=>this.#S())),this.onOwnReply=()=>{},s.onSent=(a,u)=>this.#_(a,u)}get discussion(){return this.thread.discussion}get pending(){return this.discussion?this.#o.of(this.discussion.id):[]}get people(){return[...[...this.thread.replies.values()].sort((o,s)=>s.sequence-o.sequence).map(({author:o})=>o),this.discussion.author,...this.presence?.readers??[]].filter(o=>o&&o.id!==this.#n.viewer?.user.id)}async open(e=null){this.#E(),this.state="loading",this.notify();try{let n=await this.#p(e);if(this.#c||n===null)return;this.#h(n),this.#y(),this.#x()}catch(n){if(this.#c)return;this.state="unreachable",this.error=n,this.notify()}}close(){this.#c=!0,this.#E();for(let e of this.#a)e()}async reach(e){if(this.thread.replies.has(e))return!0;let{root:n}=this.thread,o=await this.#m(e,null,n);return o?.thread?(this.#f(o,n),this.thread.replies.has(e)):!1}async tombstone(e){let n=await this.#$(e);return n?.state==="DELETED"?n:null}async more(e){let n=this.thread[e];if(!n.more||this.loading.has(e))return;let o=e==="after"?{first:nn,after:n.cursor}:{last:nn,before:n.cursor},{root:s}=this.thread;await this.#b(e,{...o,root:s?.id,maxDepth:s?null:Ze},(r,i)=>{this.thread[e]===n&&this.thread.extend(e,r,i)})}async loadSubtree(e){let n=this.#e.get(e.sequence);await this.#b(e.sequence,{root:e.id,first:nn,after:n},(o,s)=>{let{hasNextPage:r,endCursor:i}=o.pageInfo,a=r?o.edges.at(-1).node.path.slice(e.path.length-1):[];for(let u of a)this.#e.set(u,i);this.thread.addSubtree(o,s)})}type(){let e=Date.now()<this.#r;this.#r=Date.now()+tc,e||this.#w()}stopTyping(){Date.now()>=this.#r||(this.#r=0,this.#w())}see(e){this.unseen.delete(e)&&this.notify()}clearMissed(){this.missed=[],this.notify()}async#p(e){let n=await this.#g(),o=(this.thread.replies.get(e)?.depth??Ze+1)<=Ze,s=await this.#m(e,e===null||o?Ze:null,n);return s&&!s.thread&&(s=await this.#m(null,Ze,n)),this.#c?null:(this.state=s?"shown":"missing",s&&(this.thread.clear(),this.#f(s,n)),this.notify(),s?.eventCursor??null)}async#s(){let e=await this.#g(),n=await this.#m(this.topSequence(),Ze,e);n?.thread&&!this.#c&&this.#f(n,e)}#f(e,n){this.#e.clear(),this.thread.replace(e,e.thread,n)}async#m(e,n,o){let s=e===null?nn:Za,r={number:this.number,around:e,first:s,maxDepth:o?null:n,root:o?.id,order:this.thread.order};return(await this.#n.execute(On,r)).discussion}async#g(){return this.root===null?null:this.#$(this.root)}async#$(e){let{discussion:n}=await this.#n.execute(Nn,{number:this.number,sequence:e});return n?.reply??null}async#b(e,n,o){this.loading.add(e),this.notify();try{let{discussion:s}=await this.#n.execute(Mn,{number:this.number,order:this.thread.order,...n});s?.thread&&o(s.thread,s.eventNumber)}finally{this.loading.delete(e),this.notify()}}#h(e){this.follower=new Xe(this.#t,{query:qn,field:"discussionEvents",variables:{discussionId:this.discussion.id},cursor:e,handle:(n,o)=>this.#v(n,o),resync:()=>this.#p(this.topSequence())}),this.follower.subscribe(()=>this.notify())}#v(e,n){let o=[],s=!1;e.forEach((r,i)=>{if(r.__typename==="CaughtUp"&&(this.missed=[...this.missed,...this.#i],this.#i=[]),!r.discussion)return;let{reply:a}=r,u=r.__typename==="ReplyAdded"&&a.state==="VISIBLE"&&!this.thread.replies.has(a.sequence);this.thread.apply(r),r.clientMutationId&&this.#o.settle(r.clientMutationId),a?.state==="DELETED"&&this.unseen.delete(a.sequence),s||=this.thread.lacks(r)||(r.changes??[]).some(p=>nc.has(p)),!(!u||!this.thread.holds(a.path))&&a.author?.id!==this.#n.viewer?.user.id&&(i<n&&this.#i.push(a.sequence),o.push(a),this.unseen.set(a.sequence,a))}),o.length&&this.onArrived(o),s&&this.#s().catch(r=>console.info("The thread could not be loaded again:",r.message)),this.notify()}#_({reply:e,edge:n},o){o.discussionId===this.discussion?.id&&this.onOwnReply(e,this.thread.apply({eventNumber:e.lastEvent,reply:e,edge:n}),o)}#y(){this.#t.hasFewConnections||(this.#u=!0,this.#d=this.#t.follow(Ln,{variables:()=>({discussionId:this.discussion.id}),next:({presence:e})=>{this.presence=e,this.notify()},failed:()=>this.#u=!1,ended:()=>this.#u=!1})),this.#w()}#w(){if(clearTimeout(this.#l),this.#c||!this.discussion)return;let e=Date.now()<this.#r,n={discussionId:this.discussion.id,typing:e};(!document.hidden||e)&&this.#t.send(Bn,{input:n}),this.#l=setTimeout(()=>this.#w(),e?Math.max(500,this.#r-Date.now()):ec)}#S(){this.#u&&this.#t.hasFewConnections&&(this.#u=!1,this.#d()),this.#t.state!=="open"?this.presence=null:this.follower&&!this.#u?this.#y():this.#w(),this.notify()}async#x(){try{let{recordView:e}=await this.#n.execute(Un,{input:{discussionId:this.discussion.id}});e.discussion&&this.thread.count(e.discussion)}catch(e){console.info("The view was not counted:",e.message)}}#E(){clearTimeout(this.#l),this.#d(),this.follower?.stop(),this.follower=null}};function xr({liveDiscussion:t,onGo:e}){let[,n]=I(0),o=t.unseen.size>0;if(L(()=>{if(!o)return;let i=0,a=()=>{i||=requestAnimationFrame(()=>{i=0,n(u=>u+1)})};return addEventListener("scroll",a,{passive:!0}),()=>{removeEventListener("scroll",a),cancelAnimationFrame(i)}},[o]),!o)return null;let{above:s,below:r}=oc(t);return l`<div class="new-replies">
    ${s.length>0&&l`<button type="button" class="new-replies-button" data-side="above" onClick=${()=>e(s.at(-1).sequence)}>
      <${P} name="up" />${c("thread.newAbove",{count:s.length})}
    </button>`}
    ${r.length>0&&l`<button type="button" class="new-replies-button" data-side="below" onClick=${()=>e(r[0].sequence)}>
      <${P} name="down" />${c("thread.newBelow",{count:r.length})}
    </button>`}
  </div>`}function oc({unseen:t,thread:e}){let n=[],o=[],s=[...t.values()].sort((r,i)=>e.compare(r.path,i.path));for(let r of s){let a=document.getElementById(`reply-${r.sequence}`)?.getBoundingClientRect();a?a.bottom<64?n.push(r):a.top>innerHeight-64&&o.push(r):(e.placeOf(r.path)==="before"?n:o).push(r)}return{above:n,below:o}}var sc=2e3;function _o(t){return _.isDisconnected?"disconnected":!t||t.state==="ended"?t?"ended":"connecting":t.state!=="connecting"?t.state:Sr()?"offline":"connecting"}function Sr(){return se.state==="waiting"||!navigator.onLine}var Ir={live:()=>[c("connection.live"),c("connection.liveHint")],replaying:()=>[c("connection.replaying"),c("connection.replayingHint")],connecting:()=>[c("connection.connecting"),c("connection.connectingHint")],offline:()=>[c("connection.offline"),c("connection.offlineHint")],disconnected:()=>[c("connection.disconnected"),c("connection.disconnectedHint")],ended:()=>[c("connection.ended"),c("connection.endedHint")]};function sn({follower:t,liveHint:e=c("connection.liveHint")}){J(se,_,t);let n=_o(t),[o,s]=n==="live"?[c("connection.live"),e]:Ir[n]();return l`<span class="badge" role="status" data-connection=${n} title=${s}><i aria-hidden="true"></i>${o}</span>`}function kr({follower:t}){let[e,n]=I(!1);J(se,_,t);let o=_o(t)==="live";return L(()=>{let s=o?null:setTimeout(()=>n(!0),sc);return()=>{clearTimeout(s),n(!1)}},[o]),o||!e||!t?.asOf?null:l`<span class="as-of">${c("connection.asOf",{time:l`<${ge} at=${new Date(t.asOf).toISOString()} />`})}</span>`}function Tr({follower:t}){return J(se,_,t),l`<p class="hint">${Ir[_o(t)]()[1]}</p>`}function Cr(){J(se,_);let{isDisconnected:t}=_;return!t&&!Sr()?null:l`<div class="lost" role="status">
    <p>${t?c("connection.disconnectedHint"):c("connection.offlineHint")}</p>
    <button type="button" class="primary small" data-action="reconnect" onClick=${()=>se.reconnect()}>
      ${t?c("connection.reconnect"):c("connection.tryNow")}
    </button>
  </div>`}function Dr({liveDiscussion:t,actions:e}){let{discussion:n,missed:o,follower:s}=t,r=_t(),{replyCount:i,participantCount:a}=n,u=l`<${sn} follower=${s} />
    <span data-count="replies" data-value=${i}>${i?c("thread.replies",{count:i}):c("thread.noReplies")}</span>
    <span data-count="people" data-value=${a}>${c("list.people",{count:a})}</span>`;return l`${r?l`<p key="wide" class="status-line">${u}</p>`:l`<button key="narrow" type="button" class="status-line" data-action="about" popovertarget="about">${u}<${P} name="next" /></button>`}
    ${o.length>0&&l`<p class="missed" role="status"><button type="button" class="link" onClick=${()=>e.showMissed()}>${c("connection.missed",{count:o.length})}</button></p>`}`}function Rr({liveDiscussion:t,order:e,setOrder:n,actions:o}){let{discussion:s,presence:r,follower:i}=t,a=_t(),u={OLDEST:c("sidebar.oldest"),NEWEST:c("sidebar.newest")};return l`<aside key=${a} id="about" class="rail sidebar" ...${a?{}:{popover:"auto"}} aria-label=${c("sidebar.label")}>
    ${!a&&l`<${Tr} follower=${i} />`}
    <section class="presence" aria-label=${c("sidebar.readers")}>
      <h2>${c("sidebar.readingNow")} <span data-readers>${r?lt(r.readerCount):"–"}</span></h2>
      <div class="faces">${r?.readers.map(p=>l`<span key=${p.id} class="face"><${ae} user=${p} size="small" /><bdi>${p.name}</bdi></span>`)}</div>
    </section>
    <section aria-label=${c("sidebar.order")}>
      <h2>${c("sidebar.order")}</h2>
      <div class="choice" role="group" aria-label=${c("sidebar.order")}>
        ${Object.entries(u).map(([p,d])=>l`<button key=${p} type="button" data-order=${p} aria-pressed=${e===p} onClick=${()=>n(p)}>${d}</button>`)}
      </div>
    </section>
    ${_.viewer?.isModerator&&s.state==="VISIBLE"&&l`<button type="button" data-action="lock" onClick=${()=>o.lock(s)}>
      <${P} name="lock" />${s.locked?c("sidebar.unlock"):c("sidebar.lock")}
    </button>`}
    <p class="sidebar-foot">
      <span data-count="views" data-value=${s.viewCount}>${c("sidebar.views",{count:s.viewCount})}</span>
      <a href=${`/d/${s.number}/feed.atom`} download>${c("sidebar.feed")}</a>
      <button type="button" class="link" data-action="keys">${c("keys.title")}</button>
    </p>
  </aside>`}function Ar({discussion:t,actions:e}){let{viewer:n}=_;return l`<div class="reply-bar">
    <button type="button" data-action="reply-opening" onClick=${()=>e.reply(t)}>
      ${n?l`<${ae} user=${n.user} />`:l`<${P} name="reply" />`}${c("thread.replyToDiscussion")}
    </button>
  </div>`}function Pr({presence:t}){let e=t?.typing.filter(({id:n})=>n!==_.viewer?.user.id)??[];return l`<p class="typing" data-typing=${e.length}>
    ${e.length>0&&l`<i aria-hidden="true"></i><span>${rc(e)}</span>`}
  </p>`}function rc(t){let e=l`<${Xs} users=${t} />`;return c("thread.typing",{names:e,count:t.length})}function Nr({liveDiscussion:t,composerState:e,actions:n,canWrite:o,quoteSelection:s}){let{discussion:r,thread:i}=t,a=()=>{let p=document.activeElement.closest("article");return p?p.id==="opening"?r:i.replies.get(Number(p.dataset.sequence))??null:null},u=p=>o&&p?.state==="VISIBLE";ht({j:()=>Or(1),k:()=>Or(-1),r:()=>{let p=a()??r;if(!u(p))return!1;n.reply(p)},q:()=>{let p=Je(),d=a();if(o&&p)s(p);else if(u(d))n.quote(d);else return!1},c:()=>{let p=a();if(!p?.descendantCount)return!1;n.toggle(p)},Escape:()=>{if(!e.isOpen)return!1;e.close()}})}function Or(t){let e=[...document.querySelectorAll("main.thread article.post:not(.pending)")],n=e.indexOf(document.activeElement.closest("article")),o=a=>a.getBoundingClientRect().top>=Be-1,s=e.findIndex(o),r=s===-1?e.length:s,i=n===-1?e[t===1?r:r-1]:e[n+t];if(!i)return!1;i.focus({preventScroll:!0}),i.scrollIntoView({block:"nearest",behavior:"instant"})}var wo=document.querySelector("#app main"),ic=location.pathname+location.search,vo=wo&&{className:wo.className,__html:wo.innerHTML};function Re({children:t=null}){return!vo||location.pathname+location.search!==ic?t:l`<main id="main" class=${vo.className} tabindex="-1" aria-busy="true" dangerouslySetInnerHTML=${vo}></main>`}var ac=1500;function Mr(t,{after:e=setTimeout}={}){let n=[];return o=>{n.length||e(()=>{t(cc(n)),n=[]},ac),n=[...n,...o]}}function cc(t){let e=lc([...new Set(t.map(({author:n})=>n?.name??c("page.formerMember")))]);return t.length===1?c("thread.newReplyBy",{names:e}):c("thread.newRepliesBy",{count:t.length,names:e})}function lc([t,e,...n]){return e===void 0?t:n.length?c("names.more",{first:t,second:e,count:n.length}):c("names.two",{first:t,second:e})}var uc=1e4;function Lr({number:t,sequence:e,root:n}){let[o,s]=I("OLDEST"),r=me(()=>new on(t,{session:_,connection:se,outbox:re,order:o,root:n}),[t,o,n]);J(r,_,re),pc(r,e);let{state:i,discussion:a}=r;return fc(a,r.unseen.size),i==="missing"?l`<${et} title=${c("thread.missing")}><p>${c("thread.missingHint")}</p><//>`:i==="unreachable"?l`<${et} title=${c("thread.unreachable")}>
      <p>${ie(Y(r.error)[0])}</p>
      <button type="button" class="primary" onClick=${()=>r.open(e||null)}>${c("page.tryAgain")}</button>
    <//>`:a?l`<${dc} key=${a.id} ...${{liveDiscussion:r,sequence:e,order:o,setOrder:s}} />`:l`<${Re}><main id="main" class="page" tabindex="-1" aria-busy="true"><p class="unseen" role="status">${c("page.loading")}</p><${Pt} /></main><//>`}function dc({liveDiscussion:t,sequence:e,order:n,setOrder:o}){let{discussion:s,thread:r}=t,i=me(()=>new Xt(s.id),[s.id]),[a,u]=I(new Set),[p,d]=I(new Set),[m,f]=I(null),h=N({});h.current={liveDiscussion:t,composerState:i,setCollapsed:u,setEditing:d,setRemoving:f};let g=me(()=>gr(h),[t]),w=or(t,u),E=be(s),y=s.state==="DELETED",v=!y&&(!s.locked||!!s.viewerCanReply),b=r.rows({collapsed:a,pending:t.pending});t.topSequence=()=>Number(Jt()?.dataset.sequence)||null,t.onOwnReply=($,S,x)=>{let D=document.activeElement;(D===document.body||D.dataset.pending===x.key)&&Date.now()-Date.parse(x.at)<uc?(V.announce(c("outbox.posted")),w($.sequence,{isCalm:!0})):S?V.announce(c("outbox.posted")):V.show(c("outbox.posted"),{label:c("outbox.show"),act:()=>w($.sequence)})},L(()=>{e&&w(e)},[e,K.revision]);let k=$=>({isSending:re.isSending($),isOfAnotherUser:re.isOfAnotherUser($),viewer:_.viewer,isHeld:_.isDisconnected||se.state!=="open"}),G=$=>{let{replyTo:S}=t.pending.find(B=>B.key===$)??{},x=S&&r.replies.get(S.sequence);x&&u(B=>new Set([...B].filter(M=>!x.path.includes(M)))),(S?!!x:!r[n==="NEWEST"?"before":"after"].more)?setTimeout(()=>zt(document.querySelector(`[data-pending="${$}"]`)),0):V.show(c(n==="NEWEST"?"outbox.atTheStart":"outbox.atTheEnd"))};Nr({liveDiscussion:t,composerState:i,actions:g,canWrite:v,quoteSelection:$=>R($)});let R=({postId:$,text:S})=>{let x=$===s.id?s:[...r.replies.values()].find(({id:D})=>D===$);x&&g.quote(x,S)};return l`<main id="main" class="page thread" tabindex="-1" data-discussion=${s.number}>
    <div class="head title">
      <p class="crumbs">
        <a href="/">${c("page.allDiscussions")}</a>
        ${s.category&&l`<a href=${`/?category=${s.category.slug}`}><${gt} category=${s.category} /></a>`}
      </p>
      <h1 dir="auto">${y?c("thread.deleted"):s.title}</h1>
      <${Dr} liveDiscussion=${t} actions=${g} />
      ${s.locked&&l`<p class="notice locked"><${P} name="lock" />${c("thread.lockedNotice")}</p>`}
      ${y&&r.inOrder.some(({state:$})=>$==="VISIBLE")&&l`<p class="notice">${c("thread.deletedNotice")}</p>`}
    </div>
    <${Rr} ...${{liveDiscussion:t,order:n,setOrder:o,actions:g}} />
    <div class="column">
      ${r.root?l`<p class="branch"><a href=${`${E}#reply-${r.root.sequence}`} data-action="whole"><${P} name="up" />${c("thread.wholeDiscussion")}</a></p>`:l`<${lr} discussion=${s} isEditing=${p.has(s.id)} canWrite=${v} actions=${g} />`}
      <h2 class="replies-heading">${hc(r.root?r.root.descendantCount:s.replyCount)}</h2>
      <${qr} side="before" liveDiscussion=${t} />
      <${Qt}
        rows=${b}
        number=${s.number}
        path=${E}
        unseen=${t.unseen}
        editing=${p}
        canWrite=${v}
        actions=${g}
        pendingProps=${k}
        loading=${t.loading}
        loadSubtree=${$=>Eo(t.loadSubtree($))}
      />
      <${qr} side="after" liveDiscussion=${t} />
      <${Pr} presence=${t.presence} />
      ${v&&l`<${Ar} discussion=${s} actions=${g} />`}
    </div>
    <${xr} liveDiscussion=${t} onGo=${w} />
    <${mr} onQuote=${v?R:()=>{}} />
    <${yr} composerState=${i} liveDiscussion=${t} onSend=${G} />
    ${m&&l`<${br} post=${m} onYes=${$=>g.removed(m,$)} onClose=${()=>f(null)} />`}
  </main>`}function qr({side:t,liveDiscussion:e}){let n=N(null),{more:o}=e.thread[t];return L(()=>{if(!o)return;let s=new IntersectionObserver(([{isIntersecting:r}])=>r&&Eo(e.more(t)),{rootMargin:"900px 0px"});return s.observe(n.current),()=>s.disconnect()},[o,e.thread[t]]),o?l`<div ref=${n} class="sentinel" data-side=${t}>
    <button type="button" class="quiet" onClick=${()=>Eo(e.more(t))}>${c(t==="after"?"thread.moreReplies":"thread.earlierReplies")}</button>
  </div>`:null}function pc(t,e){j(()=>{t.onArrived=Mr(r=>V.announce(r));let s=e?null:K.restored?.reply;return t.open(e||s||null).then(()=>{s&&rr(s),t.root&&t.discussion&&!t.thread.root&&V.show(c("thread.noSuchReply",{number:t.root}))}),K.saveView=()=>({scroll:scrollY,reply:Number(Jt()?.dataset.sequence)||null}),()=>{K.saveView=()=>({scroll:scrollY}),t.close()}},[t]);let n=_.viewer?.user.id,o=N(n);L(()=>{o.current!==n&&(o.current=n,se.renew(),t.discussion&&t.open(t.topSequence()))},[n])}function Eo(t){t.catch(e=>V.show(ie(Y(e)[0])))}function fc(t,e){j(()=>{t&&(document.title=`${e?`(${e}) `:""}${t.title} · ${T.name}`)},[t?.title,e])}function et({title:t,children:e}){return j(()=>{document.title=`${t} · ${T.name}`},[t]),l`<main id="main" class="page empty" tabindex="-1">
    <h1>${t}</h1>
    ${e}
    <p><a class="button" href="/">${c("page.allDiscussions")}</a></p>
  </main>`}function hc(t){return t?c("thread.replies",{count:t}):c("thread.noReplies")}var mc=2500,$c=500,gc=new Set(["DiscussionStarted","ReplyAdded","ReplyDeleted","ReplyRestored","DiscussionUpdated"]),yc={LAST_ACTIVITY_AT:({lastActivityAt:t})=>Date.parse(t),CREATED_AT:Io,REPLY_COUNT:({replyCount:t})=>t},xo=new Map;function Ur({categoryId:t,field:e}){let n=JSON.stringify([t,e]);return xo.has(n)||xo.set(n,new So({categoryId:t,field:e})),xo.get(n)}var So=class extends Q{nodes=[];errors=[];fresh=new Set;hasMore=!1;isLoading=!0;follower=null;#e;#n;#t;#o;#a=null;#r=null;#l=null;#d=0;#i=new Map;#c=new Set;#u=0;#p=null;#s=new Map;constructor({categoryId:e,field:n}){super(),this.#e=e,this.#n=e?{categoryId:e}:null,this.#t=n,this.#o=yc[n]}get pending(){let e=[...this.#i.values()],n=e.filter(r=>Io(r)>this.#u).length,o=this.#E(this.nodes),s=this.nodes.filter((r,i)=>this.#c.has(r.id)&&(o[i]!==r||!this.#y(r))).length;return{started:n,updated:e.length-n+s}}async open({keepsPlaces:e=!1}={}){this.close();let n=this.#d;if(this.nodes.length>0&&this.#r!==null||await this.#f(null),this.#r===null||n!==this.#d)return;let s=new Xe(se,{query:Pn,field:"feed",variables:{filter:this.#n},cursor:this.#r,asOf:this.#l,handle:r=>this.#h(r),resync:()=>this.#b()});if(this.follower=s,!e){let r=s.subscribe(()=>{s.state==="live"&&(r(),this.show())})}this.notify()}close(){this.#d+=1,this.#l=this.follower?.asOf??this.#l,this.follower?.stop(),this.follower=null}async more(){!this.isLoading&&this.hasMore&&await this.#f(this.#a)}show(){for(let o of[...this.#i.keys(),...this.#c])this.#I(o);let e=this.#p,n=[...this.nodes,...this.#i.values()];if(e){this.#g(e);let o=this.#o(e.nodes.at(-1));n=[...this.#i.values()].filter(s=>this.#o(s)>=o)}this.nodes=this.#E(n.filter(o=>this.#y(o))),this.#$(),this.notify()}async#f(e){this.isLoading=!0,this.errors=[];let n=this.#d;this.notify();try{let{discussions:o,feedCursor:s}=await this.#m(e);if(n!==this.#d)return;if(this.#g(o),e){let r=new Set(this.nodes.map(({id:a})=>a)),i=o.nodes.filter(({id:a})=>!r.has(a));for(let{id:a}of i)this.#i.delete(a);this.nodes=[...this.nodes,...i],this.#_(i.map(({id:a})=>this.#s.get(a)).filter(Boolean))}else this.nodes=o.nodes,this.#r=s,this.#l=Date.now(),this.#$()}catch(o){this.errors=Y(o)}finally{this.isLoading=!1,this.notify()}}#m(e){let n={field:this.#t,direction:"DESC"};return _.execute(kn,{after:e,filter:this.#n,orderBy:n})}#g({pageInfo:e}){this.hasMore=e.hasNextPage,this.#a=e.endCursor}#$(){this.#i.clear(),this.#c.clear(),this.#p=null,this.#u=Math.max(...this.nodes.map(Io),0)}async#b(){let e=this.#d,{discussions:n,feedCursor:o}=await this.#m(null);if(e!==this.#d)return null;this.#s.clear(),this.#r=o;let s=new Set(this.nodes.map(({id:r})=>r));return s.size&&!n.nodes.some(({id:r})=>s.has(r))&&(this.#p=n),this.#_(n.nodes,{isAnotherHistory:!0}),this.errors=[],this.notify(),o}#h(e){let n=[];for(let{event:o,cursor:s}of e)this.#r=s,o?.discussion?(n.push(o.discussion),gc.has(o.__typename)&&this.#I(o.discussion.id)):o?.__typename==="UserChanged"?this.#w(o.user.id,o.user):o?.__typename==="UserErased"?this.#w(o.userId,null):o?.__typename==="CategoryChanged"&&this.#S(o.categoryId,o.category);for(let o of n)this.#v(o);this.#_(n),this.notify()}#v(e){Br(e,this.#s.get(e.id))||(this.#s.delete(e.id),this.#s.set(e.id,e),this.#s.size>$c&&this.#s.delete(this.#s.keys().next().value))}#_(e,{isAnotherHistory:n=!1}={}){let o=!1;for(let s of e){let{id:r}=s,i=this.nodes.find(p=>p.id===r)??this.#i.get(r);if(!n&&Br(s,i))continue;let a=i&&!this.#i.has(r),u=!a||this.#o(i)!==this.#o(s)||!this.#y(s);if(a)this.nodes=this.nodes.map(p=>p===i?s:p);else if(!this.#y(s))this.#i.delete(r);else if(i||!this.hasMore||this.#o(s)>=this.#o(this.nodes.at(-1)))this.#i.set(r,s);else continue;a&&u&&this.#c.add(r),o||=u&&this.#y(s)&&bc(s)?.id===(_.viewer?.user.id??null)}o&&this.show()}#y({state:e,category:n}){return e==="VISIBLE"&&(!this.#e||n?.id===this.#e)}#w(e,n){let o=s=>s?.id===e?n:s;this.#x(s=>({...s,author:o(s.author),latest:{nodes:s.latest.nodes.map(r=>({...r,author:o(r.author)}))}}))}#S(e,n){T.replaceCategory(e,n),this.#x(o=>o.category?.id===e?{...o,category:n}:o)}#x(e){this.nodes=this.nodes.map(e);for(let n of[this.#i,this.#s])for(let[o,s]of n)n.set(o,e(s))}#E(e){return[...e].sort((n,o)=>this.#o(o)-this.#o(n))}#I(e){this.fresh=new Set([...this.fresh,e]),setTimeout(()=>{this.fresh=new Set([...this.fresh].filter(n=>n!==e)),this.notify()},mc)}};function Io({createdAt:t}){return Date.parse(t)}function Br({eventNumber:t},e){return e!==void 0&&t<e.eventNumber}function bc({author:t,latest:e}){return(e.nodes.at(-1)??{author:t}).author}var _c={LAST_ACTIVITY_AT:c("list.byActivity"),CREATED_AT:c("list.byNewest"),REPLY_COUNT:c("list.byReplies")},wc=3;function Fr(){let t=new URLSearchParams(location.search).get("category"),[e,n]=I("LAST_ACTIVITY_AT"),o=T.categories.find(({slug:m})=>m===t),s=!t||!!o,r=me(()=>Ur({categoryId:o?.id??null,field:e}),[o?.id,e]);J(r,T),j(()=>{if(document.title=T.name,!!s)return r.open({keepsPlaces:K.restored!==null}),()=>r.close()},[r,s]),j(()=>{K.restored&&scrollTo({top:K.restored.scroll,behavior:"instant"})},[]);let i=s?r.nodes:[],a=!s&&T.isLoaded,u=!a&&r.isLoading&&!i.length,p=s&&!r.isLoading&&!i.length&&!r.errors.length,d=l`<main id="main" class="page front" tabindex="-1">
    <div class="head list-head">
      <h1>${o?l`<bdi>${o.name}</bdi>`:c("list.title")}</h1>
      ${!a&&l`<p class="status-line list-status"><${sn} follower=${r.follower} liveHint=${c("connection.liveListHint")} /><${kr} follower=${r.follower} /></p>`}
      <label class="order"><span class="unseen">${c("list.order")}</span>
        <select value=${e} onChange=${m=>n(m.target.value)}>
          ${Object.entries(_c).map(([m,f])=>l`<option key=${m} value=${m}>${f}</option>`)}
        </select>
      </label>
      <a class="button primary" href="/#new" aria-label=${c("list.start")}><${P} name="plus" /><span>${c("list.start")}</span></a>
    </div>
    <nav class="rail filters" aria-label=${c("list.categories")}>
      <p class="filters-title" aria-hidden="true">${c("list.categories")}</p>
      <a class="chip" href="/" aria-current=${t?null:"page"}>${c("list.all")}</a>
      ${T.categories.map(m=>l`<a key=${m.slug} class="chip" href=${`/?category=${m.slug}`} aria-current=${m.slug===t?"page":null}><${gt} category=${m} /></a>`)}
    </nav>
    <div class="column">
      ${o?.description&&l`<p class="hint" dir="auto">${o.description}</p>`}
      <${ne} errors=${r.errors}><button type="button" onClick=${()=>r.open()}>${c("page.tryAgain")}</button><//>
      <ul class="list" aria-busy=${r.isLoading}>
        ${i.map(m=>l`<${ko} key=${m.id} discussion=${m} isNew=${r.fresh.has(m.id)} />`)}
      </ul>
      ${p&&l`<${ut} icon="speech" title=${c("list.empty")}><a class="button primary" href="/#new">${c("list.start")}</a><//>`}
      ${a&&l`<${ut} icon="search" title=${c("list.noCategory")}><a class="button" href="/">${c("page.allDiscussions")}</a><//>`}
      ${u&&l`<${Pt} />`}
      ${s&&r.hasMore&&l`<${xc} list=${r} />`}
    </div>
    <${vc} list=${r} />
  </main>`;return u?l`<${Re}>${d}<//>`:d}function vc({list:t}){let{started:e,updated:n}=t.pending,o=[e&&c("list.started",{count:e}),n&&c("list.updated",{count:n})].filter(Boolean),s=()=>{t.show(),scrollTo({top:0,behavior:"instant"}),document.getElementById("main").focus({preventScroll:!0})};return l`<div class="new-replies" role="status">
    ${o.length>0&&l`<button type="button" class="new-replies-button" data-action="show-pending" onClick=${s}><${P} name="up" />${c("list.show",{what:Es(o)})}</button>`}
  </div>`}function ko({discussion:t,isNew:e=!1}){let n=t.latest.nodes.findLast(({state:r})=>r==="VISIBLE"),o=Ec(t),s=t.state==="DELETED";return l`<li class=${`discussion ${e?"fresh":""}`} data-discussion=${t.number}>
    <div class="discussion-body">
      <h2 dir="auto"><a href=${be(t)}>${s?c("thread.deleted"):t.title}</a></h2>
      <p class="excerpt" dir="auto">${t.excerpt}</p>
      <p class="meta">
        ${t.category&&l`<${gt} category=${t.category} />`}
        <span>${n?Hr("list.replied",n):Hr("list.startedBy",t)}</span>
        ${t.locked&&l`<span><${P} name="lock" /> ${c("list.locked")}</span>`}
      </p>
    </div>
    <div class="figures">
      <${Js} users=${o} title=${o.map(({name:r})=>r).join(", ")} />
      ${t.replyCount>0&&l`<span class="count" title=${c("thread.replies",{count:t.replyCount})}>
        <${P} name="speech" /><span data-count="replies">${lt(t.replyCount)}</span><span class="unseen">${c("list.replies",{count:t.replyCount})}</span>
      </span>`}
    </div>
  </li>`}function Hr(t,{author:e,createdAt:n}){return c(t,{name:l`<bdi class="name">${e?.name??c("page.formerMember")}</bdi>`,time:l`<${ge} at=${n} />`})}function Ec({author:t,latest:e}){let n=e.nodes.filter(({state:s})=>s==="VISIBLE").reverse();return[...new Map([...n.map(s=>s.author),t].filter(Boolean).map(s=>[s.id,s])).values()].slice(0,wc)}function xc({list:t}){let e=N(null);return L(()=>{let n=new IntersectionObserver(([{isIntersecting:o}])=>o&&t.more(),{rootMargin:"600px 0px"});return n.observe(e.current),()=>n.disconnect()},[t.nodes.length]),l`<div ref=${e} class="sentinel"><button type="button" class="quiet" onClick=${()=>t.more()}>${c("list.more")}</button></div>`}var Sc={newest:"NEWEST"},To=null;function Gr(t){return To?.address!==he(t)&&(To=new Co(t)),To}var Co=class extends Q{edges=[];totalCount=0;isExact=!0;errors=[];hasMore=!1;isLoaded=!1;isLoading=!1;author=null;category=null;discussion=null;unknown=null;#e;#n=null;#t=null;constructor(e){super(),this.#e=e,this.address=he(e)}async load(){if(!(this.isLoading||!this.#e.query.trim())){this.isLoading=!0,this.errors=[],this.notify();try{this.#n??=await this.#r(this.#e),this.unknown||this.#a(await this.#o()),this.isLoaded=!0}catch(e){this.errors=Y(e)}this.isLoading=!1,this.notify()}}async#o(){let{query:e,order:n,discussion:o}=this.#e,s={query:e,filter:this.#n,orderBy:Sc[n]??"RELEVANCE",after:this.#t},{found:r}=await _.execute(o?Cn:Tn,s);return r}#a({edges:e,totalCount:n,totalCountIsExact:o,pageInfo:s}){this.edges=[...this.edges,...e.map(r=>({post:r.node,matchCount:1,...r}))],this.totalCount=n,this.isExact=o,this.hasMore=s.hasNextPage,this.#t=s.endCursor}async#r({author:e,category:n,discussion:o,from:s,to:r}){let i={createdAfter:Wr(s),createdBefore:Wr(r,1)};if(e||n||o){let a=/^\d{1,10}$/.test(o)?Math.min(Number(o),so):0,u={by:!!e,within:!!n,in:!!o};Object.assign(this,await _.execute(Dn,{author:e,category:n,number:a,...u})),this.unknown=Object.entries({author:e,category:n,discussion:o}).find(([p,d])=>d&&!this[p])?.[0]??null;for(let p of["author","category","discussion"])this[p]&&(i[`${p}Id`]=this[p].id)}return i}};function Wr(t,e=0){let n=new Date(`${t}T00:00`);return!t||Number.isNaN(n.getTime())?null:(n.setDate(n.getDate()+e),n.toISOString())}var Ic=150;function jr({id:t,label:e,placeholder:n,handle:o,choose:s}){let r=o&&`@${o}`,[i,a]=I(r),[u,p]=I([]),[d,m]=I(-1),f=N(null),h=N(null),g=N(null),w=N(0),E=()=>{clearTimeout(g.current),w.current+=1,p([]),m(-1)};L(()=>a(r),[r]),L(()=>E,[]),j(()=>{u.length&&(h.current.showPopover(),h.current.style.minWidth=`${f.current.offsetWidth}px`,Qe(h.current,f.current))},[u]);let y=async $=>{let S=w.current+=1,x=await _.execute(ct,{query:$,first:6}).catch(()=>({people:[]}));S===w.current&&(p(x.people),m(-1),x.people.length&&V.announce(c("composer.suggested",{count:x.people.length})))},v=({target:{value:$}})=>{a($),clearTimeout(g.current),$.trim()?g.current=setTimeout(()=>y($),Ic):E()},b=$=>{E(),a($&&`@${$}`),$!==o&&s($)},k=$=>m((Math.max(d,$>0?-1:0)+$+u.length)%u.length),G=$=>{if($.isComposing)return;let S={Enter:()=>b((u[d]??u[0])?.handle??i.trim().replace(/^@/,"")),...u.length&&{ArrowDown:()=>k(1),ArrowUp:()=>k(-1),Escape:E}};S[$.key]&&($.preventDefault(),S[$.key]())},R=()=>i.trim()?(E(),a(r)):b("");return l`<label class="field">${e}
    <input ref=${f} id=${t} type="text" role="combobox" autocomplete="off" spellcheck=${!1} dir=${i?"auto":null} placeholder=${n}
      aria-autocomplete="list" aria-expanded=${u.length>0} aria-controls=${u.length?`${t}-people`:null}
      aria-activedescendant=${u[d]?`${t}-${u[d].id}`:null}
      value=${i} onInput=${v} onKeyDown=${G} onBlur=${R} />
    </label>
    ${u.length>0&&l`<ul ref=${h} id=${`${t}-people`} popover="manual" class="menu suggestions" role="listbox" aria-label=${c("composer.people")} onMouseDown=${kc}>
      ${u.map(($,S)=>l`<li key=${$.id} id=${`${t}-${$.id}`} role="option" aria-selected=${S===d} onClick=${()=>b($.handle)}>
        <${ae} user=${$} size="small" /><bdi class="name">${$.name}</bdi> <bdi class="handle">@${$.handle}</bdi>
      </li>`)}
    </ul>`}`}function kc(t){t.preventDefault()}var Tc=["author","category","discussion","from","to"];function Do(t){return Tc.filter(e=>t[e]).length}function Ro({query:t,order:e}){return he({query:t,order:e})}function Vr({place:t}){J(T);let e=_t(),[n,o]=I(!1),s=Do(t),r=a=>u=>K.go(he({...t,[a]:u}),{instead:!0}),i=a=>({target:u})=>r(a)(u.value);return l`<div class="rail">
    ${!e&&l`<button type="button" class="small filters-toggle" data-action="filters" aria-expanded=${n} onClick=${()=>o(!n)}>
      <${P} name="filter" />${s?c("search.filtersSet",{count:s}):c("search.filters")}
    </button>`}
    ${(e||n)&&l`<form class="search-filters" aria-label=${c("search.filters")} onSubmit=${a=>a.preventDefault()}>
      <${jr} id="search-author" label=${c("search.author")} placeholder=${c("search.anybody")} handle=${t.author} choose=${r("author")} />
      ${T.categories.length>0&&l`<label class="field">${c("search.category")}
        <select value=${t.category} onChange=${i("category")}>
          <option value="">${c("list.all")}</option>
          ${T.categories.map(({slug:a,name:u})=>l`<option key=${a} value=${a}>${u}</option>`)}
        </select>
      </label>`}
      <label class="field">${c("search.from")}<input type="date" max=${t.to||null} value=${t.from} onChange=${i("from")} /></label>
      <label class="field">${c("search.to")}<input type="date" min=${t.from||null} value=${t.to} onChange=${i("to")} /></label>
      ${s>0&&l`<a class="button small" href=${Ro(t)}>${c("search.clear")}</a>`}
    </form>`}
  </div>`}function zr({place:t}){let{query:e,order:n}=t,o=me(()=>Gr(t),[he(t)]);J(o);let s=N(o);(o.isLoaded||o.errors.length||!e.trim())&&(s.current=o);let r=s.current;j(()=>{document.title=`${e||c("search.title")} · ${T.name}`,o.isLoaded||o.load()},[o]),j(()=>{K.restored&&scrollTo({top:K.restored.scroll,behavior:"instant"})},[]);let i=l`<bdi>${e}</bdi>`,a=({target:u})=>K.go(he({...t,order:u.value}),{instead:!0});return l`<main id="main" class="page search" tabindex="-1">
    <div class="head results-head">
      <div class="list-head">
        <h1>${e?c("search.results",{query:i}):c("search.title")}</h1>
        <label class="order"><span class="unseen">${c("list.order")}</span>
          <select value=${n} onChange=${a}>
            <option value="">${c("search.byRelevance")}</option>
            <option value="newest">${c("list.byNewest")}</option>
          </select>
        </label>
      </div>
      <p class="hint" role="status">${Cc(o,t)}</p>
    </div>
    <${Vr} place=${t} />
    <div class="column">
      <${ne} errors=${r.errors}><button type="button" onClick=${()=>r.load()}>${c("page.tryAgain")}</button><//>
      ${r.discussion&&l`<p class="within">${c("search.within",{title:l`<a href=${be(r.discussion)}><bdi>${r.discussion.title}</bdi></a>`})}
        <a class="button quiet small" href=${he({...t,discussion:""})}>${c("search.everywhere")}</a></p>`}
      <ol class="list results" aria-busy=${o.isLoading}>
        ${r.edges.map(u=>l`<${Dc} key=${u.post.id} ...${{edge:u,place:t}} />`)}
      </ol>
      ${r.isLoaded&&!r.edges.length&&l`<${Rc} results=${r} place=${t} />`}
      ${r.hasMore&&l`<div class="sentinel"><button type="button" class="quiet" disabled=${r.isLoading} onClick=${()=>r.load()}>${c("list.more")}</button></div>`}
    </div>
  </main>`}function Cc({isLoaded:t,errors:e,totalCount:n,isExact:o,unknown:s},{query:r,discussion:i}){return r.trim()?e.length||s?"":t?c(i?"search.found":"search.foundDiscussions",{count:n,isExact:o}):c("search.searching"):c("search.hint")}function Dc({edge:t,place:e}){let{post:n,title:o,snippet:s,matchCount:r}=t,i=l`<${ge} at=${n.createdAt} />`,a=n.sequence?c("search.inReply",{number:n.sequence,time:i}):c("search.inOpening",{time:i}),u=!e.discussion||!n.sequence;return l`<li class="result">
    ${u?l`<h2 dir="auto"><a href=${Me(n)} ...${Kr(o)}></a></h2>`:l`<h2 class="sentence"><a href=${Me(n)}>${a}</a></h2>`}
    <p class="excerpt" dir="auto" ...${Kr(s)}></p>
    <p class="meta"><${mt} user=${n.author} size="small" /><${$t} user=${n.author} />
      ${u&&l`<span>${a}</span>`}
      ${r>1&&l`<a href=${he({...e,discussion:String(n.discussion.number)})}>${c("search.allOf",{count:r})}</a>`}</p>
  </li>`}function Rc({results:t,place:e}){let n=e[t.unknown],o=t.unknown==="author"?`@${n.replace(/^@/,"")}`:n,s=t.unknown?c(`search.no_${t.unknown}`,{given:l`<bdi>${o}</bdi>`}):c("search.nothing",{query:l`<bdi>${e.query}</bdi>`}),r=Do(e)>0;return l`<${ut} icon="search" title=${s}>
    ${!t.unknown&&l`<p>${c("search.suggestions")}</p>`}
    ${r?l`<a class="button primary" href=${Ro(e)}>${c("search.withoutFilters")}</a>`:l`<a class="button" href="/">${c("page.allDiscussions")}</a>`}
  <//>`}function Kr(t){return{dangerouslySetInnerHTML:{__html:t}}}var Yr="demo"in(document.getElementById("app")?.dataset??{});function Qr(){J(_);let{isDisconnected:t}=_,e=l`<a href="/graphiql" target="_blank" rel="noopener">${c("demo.apiLink")}</a>`,n=l`<${P} name="flask" /><span>${c("demo.label")}</span>`;return l`<${Le} className="small demo-button" menuClass="demo" action="demo" button=${n}>
    <h2>${c("demo.title")}</h2>
    <ul>
      <li><strong>${c("demo.liveTitle")}</strong> ${c("demo.live")}</li>
      <li><strong>${c("demo.quotesTitle")}</strong> ${c("demo.quotes")}</li>
      <li><strong>${c("demo.apiTitle")}</strong> ${c("demo.api",{link:e})}</li>
    </ul>
    ${!t&&l`<button type="button" data-action="disconnect" onClick=${()=>se.disconnect()}><${P} name="disconnect" />${c("demo.disconnect")}</button>`}
    ${_.viewer&&l`<button type="button" data-action="switch-user" onClick=${()=>T.openSignIn(void 0,{inTab:!0})}><${P} name="people" />${c("demo.signInAsOther")}</button>`}
  <//>`}function Jr(){let{inTab:t}=T.signingIn,[e,n]=I(""),[o,s]=I(""),[r,i]=I([]),[a,u]=I(!1),p=async f=>{u(!0);let h=await f().catch(Y);u(!1),i(h??[]),!h?.length&&(T.closeSignIn(!0),se.renew(),re.flush())},d=f=>{f.preventDefault(),p(()=>_.signInAsGuest(e.trim(),{inTab:t}))},m=f=>{f.preventDefault(),p(()=>_.signIn(o.trim().replace(/^Bearer\s+/i,""),{inTab:t}))};return l`<${je} title=${c(_.expired?"page.signInAgain":"page.signIn")} className="sign-in" onClose=${()=>T.closeSignIn(!1)}>
    ${t&&_.viewer&&l`<p class="notice">${c("signIn.thisTabOnly",{name:l`<bdi>${_.viewer.user.name}</bdi>`})}</p>`}
    ${_.expired&&l`<p class="notice">${c("signIn.sessionEnded")}</p>`}
    <form onSubmit=${d}>
      <label class="field">${c("signIn.name")}
        <input name="guest" dir=${e?"auto":null} value=${e} autocomplete="nickname" maxlength="80" data-first onInput=${f=>n(f.target.value)} />
      </label>
      <p class="hint">${c(t?"signIn.guestInTab":"signIn.guestInBrowser")}</p>
      <button type="submit" class="primary" disabled=${a||!e.trim()}>${c("signIn.asGuest")}</button>
    </form>
    <${ne} errors=${r} />
    <${Ac} />
    <details>
      <summary>${c("signIn.haveToken")}</summary>
      <form onSubmit=${m}>
        <label class="field">${c("signIn.token")}
          <textarea name="token" rows="3" spellcheck="false" autocomplete="off" value=${o} onInput=${f=>s(f.target.value)}></textarea>
        </label>
        <p class="hint">${c("signIn.tokenHint",{command:l`<code>python server.py token --handle you</code>`})}</p>
        <button type="submit" disabled=${a||!o.trim()}>${c("page.signIn")}</button>
      </form>
    </details>
  <//>`}function Ac(){let{terms:t}=T;return t?/^https?:\/\/\S+$/.test(t)?l`<p class="hint">${c("signIn.terms",{link:l`<a href=${t} target="_blank" rel="noopener">${c("signIn.termsLink")}</a>`})}</p>`:l`<details class="terms"><summary>${c("signIn.termsText")}</summary><p class="as-typed" dir="auto">${t}</p></details>`:null}var Ao="new";function Xr(){J(T,_);let[t,e]=I(()=>qe(Ao)??{title:"",body:"",categoryId:null,key:fe()}),[n,o]=I([]),[s,r]=I(!1),[i,a]=I(t.title||t.body?!0:null);L(()=>{document.title=`${c("new.title")} · ${T.name}`},[]);let u=d=>{let m={...t,...d,key:fe()};e(m),a(ze(Ao,m))},p=async()=>{if(!_.viewer)return T.openSignIn(p);r(!0);let{key:d,...m}=t;try{let{startDiscussion:f}=await _.execute(jn,{input:{...m,clientMutationId:d}});o(f.errors),f.errors.length||(De(Ao),K.go(be(f.discussion)))}catch(f){o(Y(f))}r(!1)};return l`<main id="main" class="page new" tabindex="-1">
    <h1>${c("new.heading")}</h1>
    <form
      class="card"
      onSubmit=${d=>{d.preventDefault(),p()}}
    >
      <label class="field">${c("new.titleField")}
        <input name="title" dir=${t.title?"auto":null} value=${t.title} maxlength=${T.limits.titleLength} autocomplete="off" onInput=${d=>u({title:d.target.value})} />
      </label>
      ${T.categories.length>0&&l`<label class="field">${c("new.category")}
        <select value=${t.categoryId??""} onChange=${d=>u({categoryId:d.target.value||null})}>
          <option value="">${c("new.noCategory")}</option>
          ${T.categories.map(({id:d,name:m})=>l`<option key=${d} value=${d}>${m}</option>`)}
        </select>
      </label>`}
      <${Ye}
        id="new-text"
        label=${c("new.opening")}
        autofocus=${!1}
        body=${t.body}
        isSaved=${i}
        rows=${10}
        limit=${T.limits.openingPostLength}
        preview=${()=>({body:t.body,discussionId:null,replyToId:null,quotes:[]})}
        onWrite=${d=>u({body:d})}
        onSend=${p}
      />
      <${ne} errors=${n} />
      <footer>
        <a class="button quiet" href="/">${c("composer.closeKeeping")}</a>
        <button type="submit" class="primary" disabled=${s}>${c("new.start")}</button>
      </footer>
    </form>
  </main>`}var Pc={replies:Rn,discussions:An},Oc=new Intl.DateTimeFormat(pe,{month:"short",year:"numeric"});function ei({handle:t,kind:e}){let{user:n,nodes:o,isLoading:s,load:r,errors:i}=Nc(t,e);if(L(()=>{n&&(document.title=`${n.name} · ${T.name}`)},[n?.name]),n===null)return l`<${et} title=${c("user.missing",{handle:`@${t}`})}><p>${c("user.missingHint")}</p><//>`;if(!n)return l`<${Re}><main id="main" class="page person" tabindex="-1" aria-busy=${!i.length}>
      <${ne} errors=${i}><button type="button" onClick=${()=>r()}>${c("page.tryAgain")}</button><//>
    </main><//>`;let{replies:a,discussions:u,posts:p}=n,d=(m,f)=>l`<a class="chip" href=${pt(n,m)} aria-current=${m===e?"page":null}>${f}</a>`;return l`<main id="main" class="page person" tabindex="-1">
    <div class="head">
      <${ae} user=${n} size="huge" />
      <div>
        <h1><bdi>${n.name}</bdi></h1>
        <p class="hint"><bdi>@${n.handle}</bdi>${n.isGuest&&l`<span>${c("user.guest")}</span>`}<span>${c("user.since",{month:Oc.format(new Date(n.createdAt))})}</span></p>
      </div>
    </div>
    <nav class="filters" aria-label=${c("user.posts")}>
      ${d("replies",c("thread.replies",Zr(a)))}
      ${d("discussions",c("user.discussions",Zr(u)))}
    </nav>
    <div class="column">
      <ul class="list" aria-busy=${s}>
        ${o.map(m=>m.sequence?l`<${Mc} key=${m.id} reply=${m} />`:l`<${ko} key=${m.id} discussion=${m} />`)}
      </ul>
      ${!o.length&&!s&&l`<p class="hint">${c(e==="replies"?"user.noReplies":"user.noDiscussions")}</p>`}
      <${ne} errors=${i} />
      ${!s&&p.pageInfo.hasNextPage&&l`<div class="sentinel"><button type="button" data-action="more" onClick=${()=>r(p.pageInfo.endCursor)}>${c("list.more")}</button></div>`}
    </div>
  </main>`}var Zr=({totalCount:t,totalCountIsExact:e})=>({count:t,isExact:e});function Nc(t,e){let[n,o]=I({user:void 0,nodes:[],kind:e}),[s,r]=I([]),i=N(null),a=async(p=null)=>{let d=i.current={};r([]);try{let{user:m}=await _.execute(Pc[e],{handle:t,after:p});if(d!==i.current)return;let f=m?.posts.nodes.filter(({state:h,discussion:g})=>h==="VISIBLE"&&g?.state!=="DELETED")??[];o(h=>({user:m,nodes:p?[...h.nodes,...f]:f,kind:e}))}catch(m){r(Y(m))}};L(()=>{a().then(()=>K.restored&&scrollTo({top:K.restored.scroll,behavior:"instant"}))},[e]);let u=n.kind!==e;return{...n,nodes:u?[]:n.nodes,isLoading:u,load:a,errors:s}}function Mc({reply:t}){let{discussion:e,sequence:n}=t;return l`<li class="result" data-reply=${n}>
    <h2 dir="auto"><a href=${Me(t)}>${e.title}</a></h2>
    <p class="excerpt" dir="auto">${t.excerpt}</p>
    <p class="meta"><span>${c("search.inReply",{number:n,time:l`<${ge} at=${t.createdAt} />`})}</span></p>
  </li>`}var ti="parley:theme",qc={auto:["half",c("page.themeAuto")],light:["sun",c("page.themeLight")],dark:["moon",c("page.themeDark")]},Lc={front:()=>l`<${Fr} key=${location.search} />`,discussion:({number:t,sequence:e,root:n})=>l`<${Lr} key=${t} number=${t} sequence=${e} root=${n} />`,search:t=>l`<${zr} place=${t} />`,user:({handle:t,kind:e})=>l`<${ei} key=${t} handle=${t} kind=${e} />`,missing:()=>l`<${et} title=${c("page.missing")}><p>${c("page.missingHint")}</p><//>`};function Bc(){if(J(K,_,T),T.isClosed)return l`<${Uc} />`;let t=K.place,e=t.page==="front"&&location.hash==="#new";return l`
    <a class="skip" href="#main" onClick=${Vc}>${c("page.skip")}</a>
    <${Hc} place=${t} />
    ${_.expired&&!T.signingIn&&l`<div class="banner" role="alert">
      ${c("page.sessionEnded")} <button type="button" class="primary small" onClick=${()=>T.openSignIn()}>${c("page.signInAgain")}</button>
    </div>`}
    ${_.suspended&&l`<div class="banner" role="alert">
      ${c("page.suspended")} <button type="button" class="small" onClick=${()=>_.signOut()}>${c("page.signOut")}</button>
    </div>`}
    ${e?l`<${Xr} />`:Lc[t.page](t)}
    <${Cr} />
    <${jc} />
    <${js} />
    ${T.signingIn&&l`<${Jr} />`}
  `}function Uc(){return l`
    <header class="top"><a class="brand" href="/"><${ni} /><bdi>${T.name}</bdi></a></header>
    <p class="notice closed" data-closed>${c("page.closed")}</p>
    <${Re} />
  `}function Hc({place:t}){return l`<header class="top">
    <a class="brand" href="/"><${ni} /><bdi>${T.name}</bdi></a>
    <${Fc} place=${t} />
    <div class="top-actions">
      ${Yr&&l`<${Qr} />`}
      <${Wc} />
      <${Gc} />
    </div>
  </header>`}function Fc({place:t}){let e=t.query??"",n=t.page==="search",[o,s]=I(e),r=N(null);L(()=>s(e),[e]);let i=p=>{clearTimeout(r.current),K.go(he({...n&&t,query:p}),{instead:n})},a=({target:{value:p}})=>{s(p),clearTimeout(r.current),n&&(r.current=setTimeout(()=>i(p),250))};return l`<form class="search-field" role="search" action="/search" onSubmit=${p=>{p.preventDefault(),i(o)}}>
    <${P} name="search" />
    <input type="search" name="q" aria-label=${c("page.searchLabel")} placeholder=${c("page.search")} dir=${o?"auto":null} value=${o} onInput=${a} />
  </form>`}function Wc(){let[t,e]=I(ve.getItem(ti)??"auto");j(()=>{document.documentElement.dataset.theme=t,ve.setItem(ti,t)},[t]);let n=o=>o.currentTarget.hash=location.hash;return l`<${Le} className="quiet square" action="display" label=${c("page.display")} button=${l`<${P} name="display" />`}>
    <p><small>${c("page.colours")}</small></p>
    ${Object.entries(qc).map(([o,[s,r]])=>l`<button type="button" key=${o} aria-pressed=${o===t} onClick=${()=>e(o)}><${P} name=${s} />${r}</button>`)}
    <p><small>${c("page.language")}</small></p>
    ${Object.entries(vs).map(([o,s])=>l`<a key=${o} class="button" href=${`/language/${o}`} rel="nofollow" lang=${o} hreflang=${o} aria-current=${o===pe?"true":null} onClick=${n}>${s}</a>`)}
  <//>`}function Gc(){J(_);let{viewer:t}=_;if(_.suspended)return null;if(!t)return l`<button type="button" class="primary small" onClick=${()=>T.openSignIn()}>${c("page.signIn")}</button>`;let{name:e,handle:n}=t.user,o=t.isGuest?"page.guest":t.isModerator?"page.moderator":null,s=l`<${ae} user=${t.user} size="small" /><span class="unseen">${c("page.signedInAs",{name:e})}</span><bdi aria-hidden="true">${e}</bdi>`;return l`<${Le} className="account" button=${s}>
    <p><bdi>${e}</bdi><small>${o?c(o,{handle:`@${n}`}):`@${n}`}</small></p>
    <button type="button" data-action="sign-out" onClick=${()=>_.signOut()}>${c("page.signOut")}</button>
  <//>`}function jc(){J(V);let{announced:t,shown:e}=V;return l`
    <div class="unseen" aria-live="polite" data-announced>${t}</div>
    ${e&&l`<div class="toast">
      <span>${e.text}</span>
      ${e.action&&l`<button type="button" class="link" onClick=${()=>(e.action.act(),V.clear())}>${e.action.label}</button>`}
      <button type="button" class="quiet square" aria-label=${c("page.dismiss")} onClick=${()=>V.clear()}><${P} name="close" /></button>
    </div>`}
  `}function ni(){return l`<svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
    <path class="logo-back" d="M4 8a4 4 0 0 1 4-4h13a4 4 0 0 1 4 4v8a4 4 0 0 1-4 4h-8l-6 5v-5.2A4 4 0 0 1 4 16z" />
    <path class="logo-front" d="M15 16.500a3 3 0 0 1 3-3h8a3 3 0 0 1 3 3V22a3 3 0 0 1-3 3v4l-4.500-4H18a3 3 0 0 1-3-3z" />
  </svg>`}function Vc(t){t.preventDefault(),document.getElementById("main")?.focus()}addEventListener("keydown",()=>document.documentElement.dataset.keyboard="",!0);addEventListener("pointerdown",()=>delete document.documentElement.dataset.keyboard,!0);K.place.page==="front"&&new URLSearchParams(location.search).has("after")&&history.replaceState(null,"","/");var Po=document.getElementById("app");Po.replaceChildren();delete Po.dataset.served;st(l`<${Bc} />`,Po);T.load().then(()=>re.flush());

/* Built by scripts/bundle from web/page. The licences of its libraries are in web/vendor. */
var Ei=Object.defineProperty;var xi=(t,e)=>{for(var n in e)Ei(t,n,{get:e[n],enumerable:!0})};var J,Qo,Si,Pe,pn,Ot,Jo,Rt,Xo,hn,fn,Ii,$t=Symbol.for("pv"),At={},Mt=[],ki=/^m(i|n|o|s|text|space)$/,mn=Array.isArray,$n=Mt.slice,We=Object.assign;function Fe(t){t&&t.parentNode&&t.remove()}function gn(t,e,n){var o,s,r,i={},c=arguments.length;for(r in e)r=="key"?o=e[r]:r=="ref"&&typeof t!="function"?s=e[r]:i[r]=e[r];return c>2&&(i.children=c>3?$n.call(arguments,2):n),mt(t,i,o,s,null)}function mt(t,e,n,o,s){var r={type:t,props:e,key:n,ref:o,__k:null,__:null,__b:0,__e:null,__c:null,constructor:$t,__v:s||++Qo,__i:-1,__u:0};return!s&&J.vnode&&J.vnode(r),r}function Ze(t){return t.children}function Oe(t,e){this.props=t,this.context=e,this.__g=0}function Ae(t,e){if(e==null)return t.__&&Ae(t.__,t.__i+1);for(var n;e<t.__k.length;e++)if((n=t.__k[e])&&n.__e)return n.__e;return typeof t.type!="function"||t.props.__P?null:Ae(t)}function Ti(t){var e,n=t.__v,o=n.__e,s=[],r=[],i=t.__P;i&&((e=We({constructor:$t},n)).__v=n.__v+1,J.vnode&&J.vnode(e),yn(i,e,n,t.__n,i.namespaceURI,32&n.__u?[o]:null,s,o||Ae(n),32&n.__u,r),e.__v=n.__v,e.__.__k[e.__i]=e,ss(s,e,r),n.__=n.__e=null,e.__e!=o&&Zo(e))}function Zo(t){if((t=t.__)&&t.__c&&!t.props.__P)return t.__e=null,t.__k.some(function(e){return e&&(t.__e=e.__e)}),Zo(t)}function Ko(t){(8&t.__g||(t.__g|=8,Pe.push(t),Ot++))&&pn==J.debounceRendering||((pn=J.debounceRendering)||queueMicrotask)(es)}function es(){try{for(var t,e=1;Pe.length;)Pe.length>e&&Pe.sort(Jo),t=Pe.shift(),e=Pe.length,8&t.__g&&Ti(t)}finally{(Ot=Pe.length)&&(pn||queueMicrotask)(es)}}function ts(t,e,n,o,s,r,i,c,u,f,p){var m,d,h,g,E,w,_=o.__k||Mt,x=e.length;for(u=Ci(n,e,_,u,x),m=0;m<x;m++)(h=n.__k[m])!=null&&(d=~h.__i&&_[h.__i]||At,h.__i=m,w=yn(t,h,d,s,r,i,c,u,f,p),g=h.__e,(d.ref!=h.ref||8&d.__u)&&(d.ref&&bn(d.ref,null,h,d),h.ref&&p.push(h.ref,h.__c||g,h)),E=E||g,4&h.__u?(u=ns(h,u,t,!d.__v),d.__e&&(d.__e=null)):typeof h.type=="function"&&w!==void 0?u=w:g&&(u=g.nextSibling),h.__u&=-21);return n.__e=E,u}function Ci(t,e,n,o,s){var r,i,c,u,f,p,m,d,h,g=n.length,E=g,w=0,_=0,x=t.__k=Array(s);for(r=0;r<s;r++)(i=e[r])!=null&&typeof i!="boolean"&&typeof i!="function"?(typeof i!="object"||i.constructor===String?i=x[r]=mt(null,i):mn(i)?i=x[r]=mt(Ze,{children:i}):i.constructor===$t&&i.__b?i=x[r]=mt(i.type,i.props,i.key,i.ref,i.__v):x[r]=i,u=r+w,i.__=t,i.__b=t.__b+1,c=null,~(f=i.__i=Di(i,n,u,E))&&(E--,(c=n[f])&&(c.__u|=2)),c&&c.__v?(i.__u|=16,f==u-1?w--:f==u+1?w++:f!=u&&(f>u?w--:w++,_=1)):(~f||(s>g?w--:s<g&&w++),typeof i.type!="function"&&(i.__u|=4))):x[r]=null;if(_){for(p=[],m=[],r=0;r<s;r++)if((i=x[r])&&16&i.__u){for(w=0,d=p.length;w<d;)p[h=w+d>>1]<i.__i?w=h+1:d=h;p[w]=i.__i,m[r]=w+1}for(w=p.length;r--;)m[r]&&(m[r]==w?w--:x[r].__u|=4)}if(E)for(r=0;r<g;r++)!(c=n[r])||2&c.__u||(c.__e==o&&(o=Ae(c)),_n(c,c));return o}function ns(t,e,n,o){var s,r,i,c;if(typeof t.type=="function"){if(t.props.__P)return e;if(s=t.__k)for(r=0;r<s.length;r++)s[r]&&(s[r].__=t,e=ns(s[r],e,n,!1));return e}for(e&&!e.parentNode&&(e=Ae(t))&&!e.parentNode&&(e=null),i=t.__e,c=e;c&&c.nodeType==8;)c=c.nextSibling;for(i!=c&&(!o&&n.moveBefore&&i.parentNode?n.moveBefore(i,e):n.insertBefore(i,e||null)),e=i;(e=e&&e.nextSibling)&&e.nodeType==8&&!e.data.startsWith("$s"););return e}function Di(t,e,n,o){var s,r=t.key,i=t.type,c=e[n],u=c&&!(2&c.__u);if(c===null&&r==null||u&&r==c.key&&i==c.type)return n;if(o>(u?1:0)){for(s=n-1;s>=0;s--)if((c=e[s])&&!(2&c.__u)&&r==c.key&&i==c.type)return s;for(s=n+1;s<e.length;s++)if((c=e[s])&&!(2&c.__u)&&r==c.key&&i==c.type)return s}return-1}function Yo(t,e,n){n==null&&(n=""),e[0]=="-"?t.setProperty(e,n):t[e]=n}function Dt(t,e,n,o,s){var r,i;if(e=="style")if(typeof n=="string")t.style.cssText=n;else{if(typeof o=="string"&&(t.style.cssText=o=""),o)for(e in o)n&&e in n||Yo(t.style,e);if(n)for(e in n)o&&n[e]==o[e]||Yo(t.style,e,n[e])}else if(e[0]=="o"&&e[1]=="n")typeof n!="function"&&(n=null),typeof o!="function"&&(o=null),(t.__e||(t.__e={}))[e]=n,n&&o||(i=fn[e]||(fn[e]=Ri(e)),(t.__a||(t.__a={}))[e]=hn,r=e!=(e=e.replace(Xo,"$1")),(e=e.slice(2))[0]<"a"&&(e=e.toLowerCase()),n?t.addEventListener(e,i,r):t.removeEventListener(e,i,r));else{if(s=="http://www.w3.org/2000/svg")e=e.replace(/xlink(H|:h)/,"h").replace(/sName$/,"s");else if(e!="width"&&e!="height"&&e!="href"&&e!="list"&&e!="form"&&e!="tabIndex"&&e!="download"&&e!="rowSpan"&&e!="colSpan"&&e!="role"&&e!="popover"&&e in t)try{return void(t[e]=n??"")}catch{}if(typeof n=="function")return;n==null||n===!1&&e[4]!="-"?t.removeAttribute(e):t.setAttribute(e,e=="popover"&&n==1?"":n)}}function Ri(t){return function(e){var n=this.__e;if(n){if(n=n[t],e[Rt]==null)e[Rt]=hn++;else if(e[Rt]<this.__a[t])return;return n(J.event?J.event(e):e)}}}function yn(t,e,n,o,s,r,i,c,u,f){var p,m,d,h,g,E,w,_,x,b,I,K,R,$,D,T,S,q,A=e.type;if(e.constructor!==$t)return null;128&n.__u&&(u=32&n.__u,p=n.__c.__z)&&(e.__u|=u,m=r=[],p.nodeType==8?c=Pt(p,r):r.push(p),c=r[0]||c),(p=J.__b)&&p(e);e:if(typeof A=="function"){d=i.length;try{if(_=e.props,x=(p=A.prototype)&&p.render,b=(p=A.contextType)&&o[p.__c],I=p?b?b.props.value:p.__:o,(h=n.__c)?(e.__c=h,2&h.__g&&(h.__g|=1)):(x?e.__c=h=new A(_,I):(e.__c=h=new Oe(_,I),h.constructor=A,h.render=Oi),b&&b.sub(h),h.state||(h.state={}),h.__n=o,h.__g|=8,h.__h=[],h.__k=[]),x&&(h.__s||(h.__s=h.state),A.getDerivedStateFromProps&&(h.__s==h.state&&(h.__s=We({},h.__s)),We(h.__s,A.getDerivedStateFromProps(_,h.__s)))),g=h.props,E=h.state,h.__v=e,n.__c){if(_!==g&&x&&!A.getDerivedStateFromProps&&h.componentWillReceiveProps&&h.componentWillReceiveProps(_,I),e.__v==n.__v&&!(8&h.__g)||!(4&h.__g)&&h.shouldComponentUpdate&&h.shouldComponentUpdate(_,h.__s,I)===!1){e.__v!=n.__v&&(h.props=_,h.state=h.__s,h.__g&=-9),e.__e=n.__e,e.__k=n.__k,e.__k.some(function(H){H&&(H.__=e)}),Mt.push.apply(h.__h,h.__k),h.__k=[],h.__h.length&&i.push(h),c=Ae(n);break e}h.componentWillUpdate&&h.componentWillUpdate(_,h.__s,I),x&&h.componentDidUpdate&&h.__h.push(function(){h.componentDidUpdate(g,E,w)})}else x&&!A.getDerivedStateFromProps&&h.componentWillMount&&h.componentWillMount(),x&&h.componentDidMount&&h.__h.push(h.componentDidMount);h.context=I,h.props=_,h.__P=t,h.__g&=-5,K=J.__r,R=x?25:0;do h.__g&=-9,K&&K(e),p=h.render(h.props,h.state=h.__s,h.context);while(8&h.__g&&++R<25);x&&(Mt.push.apply(h.__h,h.__k),h.__k=[]),h.state=h.__s,h.getChildContext&&(o=We({},o,h.getChildContext())),x&&n.__c&&h.getSnapshotBeforeUpdate&&(w=h.getSnapshotBeforeUpdate(g,E)),$=p&&p.type===Ze&&p.key==null?p.props.children:p,_.__P&&(p=c,s=(t=_.__P).namespaceURI,u=r=null,n.props&&n.props.__P!=t&&(n.__k.some(function(H){H&&_n(H,H)}),n.__k=null),c=n.__k?Ae(n,0):null),c=ts(t,mn($)?$:[$],e,n,o,s,r,i,c,u,f),_.__P&&(e.__e=null,c=p),e.__u&=-161,m&&m.some(Fe),h.__h.length&&i.push(h),1&h.__g&&(h.__g&=-4)}catch(H){if(i.length=d,e.__v=null,u||r)if(H&&H.then){if(e.__u|=128|u,r){for(~(S=r.indexOf(c||void 0))||(S=r.length);(q=r[S-1])&&q.nodeType==8;)S--;for(;S<r.length;S++)if(q=r[S])if(r[S]=null,D){if(q==T)break}else{if(q.nodeType!=8)break;q.data.startsWith("$s")&&(T=Pt(D=q))}}if(!D){for(;c&&c.nodeType==8&&c.nextSibling;)c=c.nextSibling;D=c}(p=Pt(D=e.__c.__z||(e.__c.__z=D)))?(e.__e=D,c=p):e.__e=c,c=c&&c.nextSibling}else r&&r.some(Fe);else e.__e=n.__e;e.__k||(e.__k=n.__k||[]),H&&H.then||os(e),J.__e(H,e,n)}}else c=e.__e=Pi(n.__e,e,n,o,s,r,i,u,f,t);return(p=J.diffed)&&p(e),c}function Pt(t,e){if(t&&t.nodeType==8&&t.data.startsWith("$s"))for(var n=1;t=t.nextSibling;){if(t.nodeType==8){if(t.data.startsWith("$s"))n++;else if(t.data.startsWith("/$s")&&!--n)return t}e&&e.push(t)}}function os(t){t&&(t.__c&&(t.__c.__g|=4),t.__k&&t.__k.some(os))}function ss(t,e,n){for(var o=0;o<n.length;)bn(n[o++],n[o++],n[o++]);J.__c&&J.__c(e,t),t.some(function(s){try{t=s.__h,s.__h=[],t.some(function(r){r.call(s)})}catch(r){J.__e(r,s.__v)}})}function Pi(t,e,n,o,s,r,i,c,u,f){var p,m,d,h,g,E,w,_,x=n.props||At,b=e.props,I=e.type;if(I=="svg"?s="http://www.w3.org/2000/svg":I=="math"?s="http://www.w3.org/1998/Math/MathML":s||(s="http://www.w3.org/1999/xhtml"),r){for(p=0;p<r.length;p++)if((g=r[p])&&(I?g.localName==I:g.nodeType==3)){t=g,r[p]=null;break}}if(!t){if(_=f.ownerDocument||document,!I)return _.createTextNode(b);t=_.createElementNS(s,I,b.is?b:f),c&&(J.__m&&J.__m(e,r),c=!1),r=null}if(I){if(f=I=="template"&&t.content||t,r=I=="textarea"&&b.defaultValue!=null?null:r&&$n.call(f.childNodes),!c&&r)for(x={},p=0;p<t.attributes.length;p++)x[(g=t.attributes[p]).name]=g.value;for(p in x)g=x[p],p=="dangerouslySetInnerHTML"?d=g:p=="children"||p in b||p=="value"&&"defaultValue"in b||p=="checked"&&"defaultChecked"in b||Dt(t,p,null,g,s);for(p in b)g=b[p],p=="children"?h=g:p=="dangerouslySetInnerHTML"?m=g:p=="value"?E=g:p=="checked"?w=g:c&&typeof g!="function"||x[p]===g||Dt(t,p,g,x[p],s);m?(c||d&&(m.__html==d.__html||m.__html==t.innerHTML)||(t.innerHTML=m.__html),e.__k=[]):(d&&(t.textContent=""),(I=="foreignObject"||s=="http://www.w3.org/1998/Math/MathML"&&ki.test(I))&&(s="http://www.w3.org/1999/xhtml"),ts(f,mn(h)?h:[h],e,n,o,s,r,i,r?r[0]:n.__k&&Ae(n,0),c,u),r&&r.some(Fe)),c&&I!="textarea"||(p="value",I=="progress"&&E==null?t.removeAttribute(p):E==null||E===t[p]&&(I!="progress"||E)||Dt(t,p,E,x[p],s),p="checked",w!=null&&w!=t[p]&&Dt(t,p,w,x[p],s))}else x===b||c&&t.data==b||(t.data=b);return t}function bn(t,e,n,o){try{typeof t=="function"?e?e.__x=t(e)||1:o&&(o=o.__c||o.__e)&&(e=o.__x)&&(o.__x=null,typeof e=="function"?e():t(null)):t.current=e}catch(s){J.__e(s,n)}}function _n(t,e,n){var o,s,r,i;if(J.unmount&&J.unmount(t),!(o=t.ref)||o.current&&o.current!=t.__e||bn(o,null,e,t),o=t.__c){if(o.componentWillUnmount)try{o.componentWillUnmount()}catch(c){J.__e(c,e)}o.__P=o.__n=null}if(o=t.__k)for(i=0;i<o.length;i++)o[i]&&_n(o[i],e,typeof t.type!="function"||n&&!t.props.__P);!n&&(o=t.__c)&&(o=o.__z)&&(s=Pt(o,r=[]))&&(o==t.__e&&r.some(Fe),Fe(s),Fe(o)),n||Fe(t.__e),t.__e=t.__c=t.__=null}function Oi(t,e,n){return this.constructor(t,n)}function gt(t,e){var n,o,s,r;J.__&&J.__(t,e),e.nodeType==9&&(e=e.documentElement),o=(n=t&&32&t.__u)?null:e.__k,e.__k=mt(Ze,{children:[t]}),s=[],r=[],yn(e,e.__k,o||At,At,e.namespaceURI,o?null:e.firstChild?$n.call(e.childNodes):null,s,o?o.__e:e.firstChild,n,r),ss(s,e.__k,r),e.__k.props.children=null}J={__e:function(t,e,n,o){for(var s,r,i;e=e.__;)if((s=e.__c)&&!(1&s.__g)){s.__g|=4;try{if((i=(r=s.constructor)&&r.getDerivedStateFromError)&&s.setState(r.getDerivedStateFromError(t)),s.componentDidCatch&&(s.componentDidCatch(t,o||{}),i=1),i&&8&s.__g)return void(s.__g|=2)}catch(c){t=c}}throw Ot=0,t}},Qo=0,Si=function(t){return t!=null&&t.constructor===$t},Oe.prototype.setState=function(t,e){var n=this.__s;n&&n!=this.state||(n=this.__s=We({},this.state)),typeof t=="function"&&(t=t(We({},n),this.props)),t&&(We(n,t),this.__v&&(e&&this.__k.push(e),Ko(this)))},Oe.prototype.forceUpdate=function(t){this.__v&&(this.__g|=4,t&&this.__h.push(t),Ko(this))},Oe.prototype.render=Ze,Pe=[],Ot=0,Jo=function(t,e){return t.__v.__b-e.__v.__b},Rt=Symbol(),Xo=/(PointerCapture)$|Capture$/i,hn=0,fn={},Ii=0;var is=function(t,e,n,o){var s;e[0]=0;for(var r=1;r<e.length;r++){var i=e[r++],c=e[r]?(e[0]|=i?1:2,n[e[r++]]):e[++r];i===3?o[0]=c:i===4?o[1]=Object.assign(o[1]||{},c):i===5?(o[1]=o[1]||{})[e[++r]]=c:i===6?o[1][e[++r]]+=c+"":i?(s=t.apply(c,is(t,c,n,["",null])),o.push(s),c[0]?e[0]|=2:(e[r-2]=0,e[r]=s)):o.push(c)}return o},rs=new Map;function as(t){var e=rs.get(this);return e||(e=new Map,rs.set(this,e)),(e=is(this,e.get(t)||(e.set(t,e=(function(n){for(var o,s,r=1,i="",c="",u=[0],f=function(d){r===1&&(d||(i=i.replace(/^\s*\n\s*|\s*\n\s*$/g,"")))?u.push(0,d,i):r===3&&(d||i)?(u.push(3,d,i),r=2):r===2&&i==="..."&&d?u.push(4,d,0):r===2&&i&&!d?u.push(5,0,!0,i):r>=5&&((i||!d&&r===5)&&(u.push(r,0,i,s),r=6),d&&(u.push(r,d,0,s),r=6)),i=""},p=0;p<n.length;p++){p&&(r===1&&f(),f(p));for(var m=0;m<n[p].length;m++)o=n[p][m],r===1?o==="<"?(f(),u=[u],r=3):i+=o:r===4?i==="--"&&o===">"?(r=1,i=""):i=o+i[0]:c?o===c?c="":i+=o:o==='"'||o==="'"?c=o:o===">"?(f(),r=1):r&&(o==="="?(r=5,s=i,i=""):o==="/"&&(r<5||n[p][m+1]===">")?(f(),r===3&&(u=u[0]),r=u,(u=u[0]).push(2,0,r),r=0):o===" "||o==="	"||o===`
`||o==="\r"?(f(),r=2):i+=o),r===3&&i==="!--"&&(r=4,u=u[0])}return f(),u})(t)),e),arguments,[])).length>1?e:e[0]}function wn(t){return typeof t=="object"&&t!==null}var cs="x-graphql-event-stream-token";function ls(t){if(t=t,t!=="next"&&t!=="complete")throw new Error(`Invalid stream event "${t}"`);return t}function us(t,e){if(e)try{e=JSON.parse(e)}catch{throw new Error("Invalid stream data")}if(t==="next"&&!e)throw new Error('Stream data must be an object for "next" events');return e||null}var je;(function(t){t[t.NewLine=10]="NewLine",t[t.CarriageReturn=13]="CarriageReturn",t[t.Space=32]="Space",t[t.Colon=58]="Colon"})(je||(je={}));function ds(){let t,e,n,o=!1,s={event:"",data:""},r=[],i=new TextDecoder;return function(u){if(t===void 0)t=u,e=0,n=-1;else{let m=new Uint8Array(t.length+u.length);m.set(t),m.set(u,t.length),t=m}let f=t.length,p=0;for(;e<f;){o&&(t[e]===je.NewLine&&(p=++e),o=!1);let m=-1;for(;e<f&&m===-1;++e)switch(t[e]){case je.Colon:n===-1&&(n=e-p);break;case je.CarriageReturn:o=!0;case je.NewLine:m=e;break}if(m===-1)break;if(p===m){if(s.event||s.data){if(!s.event)throw new Error("Missing message event");let d=ls(s.event),h=us(d,s.data);r.push({event:d,data:h}),s={event:"",data:""}}}else if(n>0){let d=t.subarray(p,m),h=i.decode(d.subarray(0,n)),g=n+(d[n+1]===je.Space?2:1),E=i.decode(d.subarray(g));switch(h){case"event":s.event=E;break;case"data":s.data=s.data?s.data+`
`+E:E;break}}p=e,n=-1}if(p===f){t=void 0;let m=[...r];return r=[],m}else p!==0&&(t=t.subarray(p),e-=p)}}function vn(t){let{singleConnection:e=!1,lazy:n=!0,lazyCloseTimeout:o=0,onNonLazyError:s=console.error,generateID:r=function(){return"xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx".replace(/[xy]/g,D=>{let T=Math.random()*16|0;return(D=="x"?T:T&3|8).toString(16)})},retryAttempts:i=5,retry:c=async function(D){let T=1e3;for(let S=0;S<D;S++)T*=2;await new Promise(S=>setTimeout(S,T+Math.floor(Math.random()*2700+300)))},credentials:u="same-origin",referrer:f,referrerPolicy:p,onMessage:m,on:d}=t,h=t.fetchFn||fetch,g=t.abortControllerImpl||AbortController,E=(()=>{let $=!1,D=[];return{get disposed(){return $},onDispose(T){return $?(setTimeout(()=>T(),0),()=>{}):(D.push(T),()=>{D.splice(D.indexOf(T),1)})},dispose(){if(!$){$=!0;for(let T of[...D])T()}}}})(),w,_,x=0,b=null,I=0;async function K(){try{if(E.disposed)throw new Error("Client has been disposed");return await(_??(_=(async()=>{var $,D,T;if(b){if(await c(I),w.signal.aborted)throw new Error("Connection aborted by the client");I++}($=d?.connecting)===null||$===void 0||$.call(d,!!b),w=new g;let S=E.onDispose(()=>w.abort());w.signal.addEventListener("abort",()=>{S(),_=void 0});let q=t,A=typeof q.url=="function"?await q.url(void 0):q.url;if(w.signal.aborted)throw new Error("Connection aborted by the client");let H=typeof q.headers=="function"?await q.headers(void 0):(D=q.headers)!==null&&D!==void 0?D:{};if(w.signal.aborted)throw new Error("Connection aborted by the client");let C;try{C=await h(A,{signal:w.signal,method:"PUT",credentials:u,referrer:f,referrerPolicy:p,headers:H})}catch(N){throw new de(N)}if(C.status!==201)throw new de(C);let F=await C.text();H[cs]=F;let O=await ps({signal:w.signal,headers:H,credentials:u,referrer:f,referrerPolicy:p,url:A,fetchFn:h,onMessage:N=>{var W;(W=d?.message)===null||W===void 0||W.call(d,N),m?.(N)}});return(T=d?.connected)===null||T===void 0||T.call(d,!!b),O.waitForThrow().catch(()=>_=void 0),O})()))}catch($){throw _=void 0,$}}e&&!n&&(async()=>{for(x++;;)try{let{waitForThrow:$}=await K();await $()}catch($){if(E.disposed)return;if(!($ instanceof de)||(_=void 0,!i||I>=i))return s?.($);b=$}})();function R($,D,T){if(!e){let A=new g,H=E.onDispose(()=>{H(),A.abort()});return(async()=>{var C,F,O,N,W;let j=null,U=0;for(;;)try{if(j){if(await c(U),A.signal.aborted)throw new Error("Connection aborted by the client");U++}(C=d?.connecting)===null||C===void 0||C.call(d,!!j),(F=T?.connecting)===null||F===void 0||F.call(T,!!j);let te=t,De=typeof te.url=="function"?await te.url($):te.url;if(A.signal.aborted)throw new Error("Connection aborted by the client");let Je=typeof te.headers=="function"?await te.headers($):(O=te.headers)!==null&&O!==void 0?O:{};if(A.signal.aborted)throw new Error("Connection aborted by the client");let{getResults:Re}=await ps({signal:A.signal,headers:{...Je,"content-type":"application/json; charset=utf-8"},credentials:u,referrer:f,referrerPolicy:p,url:De,body:JSON.stringify($),fetchFn:h,onMessage:ee=>{var ne,Xe;(ne=d?.message)===null||ne===void 0||ne.call(d,ee),(Xe=T?.message)===null||Xe===void 0||Xe.call(T,ee),m?.(ee)}});(N=d?.connected)===null||N===void 0||N.call(d,!!j),(W=T?.connected)===null||W===void 0||W.call(T,!!j);for await(let ee of Re())j=null,U=0,D.next(ee);return A.abort()}catch(te){if(A.signal.aborted)return;if(!(te instanceof de)||!i||U>=i)throw te;j=te}})().then(()=>D.complete()).catch(C=>D.error(C)),()=>A.abort()}x++;let S=new g,q=E.onDispose(()=>{q(),S.abort()});return(async()=>{let A=r();$={...$,extensions:{...$.extensions,operationId:A}};let H=null;for(;;){H=null;try{let{url:C,headers:F,getResults:O}=await K(),N;try{N=await h(C,{signal:S.signal,method:"POST",credentials:u,referrer:f,referrerPolicy:p,headers:{...F,"content-type":"application/json; charset=utf-8"},body:JSON.stringify($)})}catch(W){throw new de(W)}if(N.status!==202)throw new de(N);H=async()=>{let W;try{let j=new g,U=E.onDispose(()=>{U(),j.abort()});W=await h(C+"?operationId="+A,{signal:j.signal,method:"DELETE",credentials:u,referrer:f,referrerPolicy:p,headers:F})}catch(j){throw new de(j)}if(W.status!==200)throw new de(W)};for await(let W of O({signal:S.signal,operationId:A}))b=null,I=0,D.next(W);return H=null,S.abort()}catch(C){if(S.signal.aborted)return await H?.();if(!(C instanceof de)||(n&&(_=void 0),!i||I>=i))throw S.abort(),C;b=C}finally{S.signal.aborted&&--x===0&&(isFinite(o)&&o>0?setTimeout(()=>{x||w.abort()},o):w.abort())}}})().then(()=>D.complete()).catch(A=>D.error(A)),()=>S.abort()}return{subscribe:R,iterate($,D){let T=[],S={done:!1,error:null,resolve:()=>{}},q=R($,{next(H){T.push(H),S.resolve()},error(H){S.done=!0,S.error=H,S.resolve()},complete(){S.done=!0,S.resolve()}},D),A=(async function*(){for(;;){for(T.length||await new Promise(C=>S.resolve=C);T.length;)yield T.shift();if(S.error)throw S.error;if(S.done)return}})();return A.throw=async H=>(S.done||(S.done=!0,S.error=H,S.resolve()),{done:!0,value:void 0}),A.return=async()=>(q(),{done:!0,value:void 0}),A},dispose(){E.dispose()}}}var de=class extends Error{constructor(e){let n,o;Ai(e)?(o=e,n="Server responded with "+e.status+": "+e.statusText):e instanceof Error?n=e.message:n=String(e),super(n),this.name=this.constructor.name,this.response=o}};function Ai(t){return wn(t)&&typeof t.ok=="boolean"&&typeof t.status=="number"&&typeof t.statusText=="string"}async function ps(t){let{signal:e,url:n,credentials:o,headers:s,body:r,referrer:i,referrerPolicy:c,fetchFn:u,onMessage:f}=t,p={},m={},d;try{d=await u(n,{signal:e,method:r?"POST":"GET",credentials:o,referrer:i,referrerPolicy:c,headers:{...s,accept:"text/event-stream"},body:r})}catch(E){throw new de(E)}if(!d.ok)throw new de(d);if(!d.body)throw new Error("Missing response body");let h=null,g;return(async()=>{var E;try{let w=ds();for await(let _ of Mi(d.body)){if(typeof _=="string")throw h=new Error(`Unexpected string chunk "${_}"`);let x;try{x=w(_)}catch(b){throw h=b}if(x)for(let b of x){try{f?.(b)}catch(K){throw h=K}let I=b.data&&"id"in b.data?b.data.id:"";switch(I in m||(m[I]=[]),b.event){case"next":I?m[I].push(b.data.payload):m[I].push(b.data);break;case"complete":m[I].push("complete");break;default:throw h=new Error(`Unexpected message event "${b.event}"`)}(E=p[I])===null||E===void 0||E.proceed()}}if(Object.keys(p).length)throw new Error("Connection closed while having active streams")}catch(w){!h&&Object.keys(p).length?h=new de(w):h=w,g?.(h)}finally{Object.values(p).forEach(({proceed:w})=>w())}})(),{url:n,headers:s,waitForThrow:()=>new Promise((E,w)=>{if(h)return w(h);g=w}),async*getResults(E){var w;let{signal:_,operationId:x=""}=E??{};try{for(;;){for(;!((w=m[x])===null||w===void 0)&&w.length;){let b=m[x].shift();if(b==="complete")return;yield b}if(h)throw h;if(_?.aborted)throw new Error("Getting results aborted by the client");await new Promise(b=>{let I=()=>{_?.removeEventListener("abort",I),delete p[x],b()};_?.addEventListener("abort",I),p[x]={proceed:I}})}}finally{delete m[x]}}}}function Mi(t){return typeof Object(t)[Symbol.asyncIterator]=="function"?(t=t,t):(async function*(){let e=t.getReader(),n;do n=await e.read(),n.value!==void 0&&(yield n.value);while(!n.done)})()}function pe(t){return t===null?"null":Array.isArray(t)?"array":typeof t}function Me(t){return pe(t)==="object"}function Ni(t){return Array.isArray(t)&&t.length>0&&t.every(e=>"message"in e)}function En(t,e){return t.length<124?t:e}var fs="graphql-transport-ws";var he=(t=>(t[t.InternalServerError=4500]="InternalServerError",t[t.InternalClientError=4005]="InternalClientError",t[t.BadRequest=4400]="BadRequest",t[t.BadResponse=4004]="BadResponse",t[t.Unauthorized=4401]="Unauthorized",t[t.Forbidden=4403]="Forbidden",t[t.SubprotocolNotAcceptable=4406]="SubprotocolNotAcceptable",t[t.ConnectionInitialisationTimeout=4408]="ConnectionInitialisationTimeout",t[t.ConnectionAcknowledgementTimeout=4504]="ConnectionAcknowledgementTimeout",t[t.SubscriberAlreadyExists=4409]="SubscriberAlreadyExists",t[t.TooManyInitialisationRequests=4429]="TooManyInitialisationRequests",t))(he||{}),me=(t=>(t.ConnectionInit="connection_init",t.ConnectionAck="connection_ack",t.Ping="ping",t.Pong="pong",t.Subscribe="subscribe",t.Next="next",t.Error="error",t.Complete="complete",t))(me||{});function xn(t){if(!Me(t))throw new Error(`Message is expected to be an object, but got ${pe(t)}`);if(!t.type)throw new Error("Message is missing the 'type' property");if(typeof t.type!="string")throw new Error(`Message is expects the 'type' property to be a string, but got ${pe(t.type)}`);switch(t.type){case"connection_init":case"connection_ack":case"ping":case"pong":{if(t.payload!=null&&!Me(t.payload))throw new Error(`"${t.type}" message expects the 'payload' property to be an object or nullish or missing, but got "${t.payload}"`);break}case"subscribe":{if(typeof t.id!="string")throw new Error(`"${t.type}" message expects the 'id' property to be a string, but got ${pe(t.id)}`);if(!t.id)throw new Error(`"${t.type}" message requires a non-empty 'id' property`);if(!Me(t.payload))throw new Error(`"${t.type}" message expects the 'payload' property to be an object, but got ${pe(t.payload)}`);if(typeof t.payload.query!="string")throw new Error(`"${t.type}" message payload expects the 'query' property to be a string, but got ${pe(t.payload.query)}`);if(t.payload.variables!=null&&!Me(t.payload.variables))throw new Error(`"${t.type}" message payload expects the 'variables' property to be a an object or nullish or missing, but got ${pe(t.payload.variables)}`);if(t.payload.operationName!=null&&pe(t.payload.operationName)!=="string")throw new Error(`"${t.type}" message payload expects the 'operationName' property to be a string or nullish or missing, but got ${pe(t.payload.operationName)}`);if(t.payload.extensions!=null&&!Me(t.payload.extensions))throw new Error(`"${t.type}" message payload expects the 'extensions' property to be a an object or nullish or missing, but got ${pe(t.payload.extensions)}`);break}case"next":{if(typeof t.id!="string")throw new Error(`"${t.type}" message expects the 'id' property to be a string, but got ${pe(t.id)}`);if(!t.id)throw new Error(`"${t.type}" message requires a non-empty 'id' property`);if(!Me(t.payload))throw new Error(`"${t.type}" message expects the 'payload' property to be an object, but got ${pe(t.payload)}`);break}case"error":{if(typeof t.id!="string")throw new Error(`"${t.type}" message expects the 'id' property to be a string, but got ${pe(t.id)}`);if(!t.id)throw new Error(`"${t.type}" message requires a non-empty 'id' property`);if(!Ni(t.payload))throw new Error(`"${t.type}" message expects the 'payload' property to be an array of GraphQL errors, but got ${JSON.stringify(t.payload)}`);break}case"complete":{if(typeof t.id!="string")throw new Error(`"${t.type}" message expects the 'id' property to be a string, but got ${pe(t.id)}`);if(!t.id)throw new Error(`"${t.type}" message requires a non-empty 'id' property`);break}default:throw new Error(`Invalid message 'type' property "${t.type}"`)}return t}function hs(t,e){return xn(typeof t=="string"?JSON.parse(t,e):t)}function et(t,e){return xn(t),JSON.stringify(t,e)}function In(t){let{url:e,connectionParams:n,lazy:o=!0,onNonLazyError:s=console.error,lazyCloseTimeout:r=0,keepAlive:i=0,disablePong:c,connectionAckWaitTimeout:u=0,retryAttempts:f=5,retryWait:p=async function(F){let O=Math.pow(2,F);await new Promise(N=>setTimeout(N,O*1e3+Math.floor(Math.random()*2700+300)))},shouldRetry:m=Sn,on:d,webSocketImpl:h,generateID:g=function(){return"xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx".replace(/[xy]/g,F=>{let O=Math.random()*16|0;return(F=="x"?O:O&3|8).toString(16)})},jsonMessageReplacer:E,jsonMessageReviver:w}=t,_;if(h){if(!qi(h))throw new Error("Invalid WebSocket implementation provided");_=h}else typeof WebSocket<"u"?_=WebSocket:typeof global<"u"?_=global.WebSocket||global.MozWebSocket:typeof window<"u"&&(_=window.WebSocket||window.MozWebSocket);if(!_)throw new Error("WebSocket implementation missing; on Node you can `import WebSocket from 'ws';` and pass `webSocketImpl: WebSocket` to `createClient`");let x=_,b=(()=>{let C=(()=>{let O={};return{on(N,W){return O[N]=W,()=>{delete O[N]}},emit(N){"id"in N&&O[N.id]?.(N)}}})(),F={connecting:d?.connecting?[d.connecting]:[],opened:d?.opened?[d.opened]:[],connected:d?.connected?[d.connected]:[],ping:d?.ping?[d.ping]:[],pong:d?.pong?[d.pong]:[],message:d?.message?[C.emit,d.message]:[C.emit],closed:d?.closed?[d.closed]:[],error:d?.error?[d.error]:[]};return{onMessage:C.on,on(O,N){let W=F[O];return W.push(N),()=>{let j=W.indexOf(N);j>-1&&W.splice(j,1)}},emit(O,...N){for(let W of[...F[O]])W(...N)}}})();function I(C){let F=[b.on("error",O=>{F.forEach(N=>N()),C(O)}),b.on("closed",O=>{F.forEach(N=>N()),C(O)})];return()=>F.forEach(O=>O())}let K,R=0,$,D=!1,T=0,S=!1;async function q(){clearTimeout($);let[C,F]=await(K??(K=new Promise((W,j)=>(async()=>{if(D){if(await p(T),!R)return K=void 0,j({code:1e3,reason:"All Subscriptions Gone"});T++}b.emit("connecting",D);let U=new x(typeof e=="function"?await e():e,fs),te,De;function Je(){isFinite(i)&&i>0&&(clearTimeout(De),De=setTimeout(()=>{U.readyState===x.OPEN&&(U.send(et({type:me.Ping})),b.emit("ping",!1,void 0))},i))}I(ee=>{K=void 0,clearTimeout(te),clearTimeout(De),j(ee),ee instanceof Nt&&(U.close(4499,"Terminated"),U.onerror=null,U.onclose=null)}),U.onerror=ee=>b.emit("error",ee),U.onclose=ee=>b.emit("closed",ee),U.onopen=async()=>{try{b.emit("opened",U);let ee=typeof n=="function"?await n():n;if(U.readyState!==x.OPEN)return;U.send(et(ee?{type:me.ConnectionInit,payload:ee}:{type:me.ConnectionInit},E)),isFinite(u)&&u>0&&(te=setTimeout(()=>{U.close(he.ConnectionAcknowledgementTimeout,"Connection acknowledgement timeout")},u)),Je()}catch(ee){b.emit("error",ee),U.close(he.InternalClientError,En(ee instanceof Error?ee.message:String(ee),"Internal client error"))}};let Re=!1;U.onmessage=({data:ee})=>{try{let ne=hs(ee,w);if(b.emit("message",ne),ne.type==="ping"||ne.type==="pong"){b.emit(ne.type,!0,ne.payload),ne.type==="pong"?Je():c||(U.send(et(ne.payload?{type:me.Pong,payload:ne.payload}:{type:me.Pong},E)),b.emit("pong",!1,ne.payload));return}if(Re)return;if(ne.type!==me.ConnectionAck)throw new Error(`First message cannot be of type ${ne.type}`);clearTimeout(te),Re=!0,b.emit("connected",U,ne.payload,D),D=!1,T=0;let Xe=new Promise((Sl,vi)=>I(vi));Xe.catch(()=>{}),W([U,Xe])}catch(ne){U.onmessage=null,b.emit("error",ne),U.close(he.BadResponse,En(ne instanceof Error?ne.message:String(ne),"Bad response"))}}})())));C.readyState===x.CLOSING&&await F;let O=()=>{},N=new Promise(W=>O=W);return[C,O,new Promise((W,j)=>{let U=I(j);C.readyState!==x.OPEN&&F.catch(j),N.then(()=>{if(U(),!R){let te=()=>C.close(1e3,"Normal Closure");isFinite(r)&&r>0?(clearTimeout($),$=setTimeout(()=>{!R&&C.readyState===x.OPEN&&te()},r)):te()}W()})})]}function A(C){if(Sn(C)&&(Li(C.code)||[he.InternalServerError,he.InternalClientError,he.BadRequest,he.BadResponse,he.Unauthorized,he.SubprotocolNotAcceptable,he.SubscriberAlreadyExists,he.TooManyInitialisationRequests].includes(C.code)))throw C;if(S)return!1;if(Sn(C)&&C.code===1e3)return R>0;if(!f||T>=f||!m(C))throw C;return D=!0}o||(async()=>{for(R++;;)try{let[,,C]=await q();await C}catch(C){try{if(!A(C))return}catch(F){return s?.(F)}}})();function H(C,F){let O=g(C),N=!1,W=!1,j=()=>{R--,N=!0};return(async()=>{for(R++;;)try{let[U,te,De]=await q();if(N)return De.catch(()=>{}),te();let Je=b.onMessage(O,Re=>{switch(Re.type){case me.Next:{F.next(Re.payload);return}case me.Error:{W=!0,N=!0,F.error(Re.payload),j();return}case me.Complete:{N=!0,j();return}}});U.send(et({id:O,type:me.Subscribe,payload:C},E)),j=()=>{!N&&U.readyState===x.OPEN&&U.send(et({id:O,type:me.Complete},E)),R--,N=!0,te()},await De.finally(Je);return}catch(U){if(!A(U))return}})().then(()=>{W||F.complete()}).catch(U=>{F.error(U)}),()=>{N||j()}}return{on:b.on,subscribe:H,iterate(C){let F=[],O={done:!1,error:null,resolve:()=>{}},N=H(C,{next(j){F.push(j),O.resolve()},error(j){O.done=!0,O.error=j,O.resolve()},complete(){O.done=!0,O.resolve()}}),W=(async function*(){for(;;){for(F.length||await new Promise(U=>O.resolve=U);F.length;)yield F.shift();if(O.error)throw O.error;if(O.done)return}})();return W.throw=async j=>(O.done||(O.done=!0,O.error=j,O.resolve()),{done:!0,value:void 0}),W.return=async()=>(N(),{done:!0,value:void 0}),W},async dispose(){if(S=!0,K){let[C]=await K;C.close(1e3,"Normal Closure")}},terminate(){K&&b.emit("closed",new Nt)}}}var Nt=class extends Error{name="TerminatedCloseEvent";message="4499: Terminated";code=4499;reason="Terminated";wasClean=!1};function Sn(t){return Me(t)&&"code"in t&&"reason"in t}function Li(t){return[1e3,1001,1006,1005,1012,1013,1014].includes(t)?!1:t>=1e3&&t<=1999}function qi(t){return typeof t=="function"&&"constructor"in t&&"CLOSED"in t&&"CLOSING"in t&&"CONNECTING"in t&&"OPEN"in t}var tt,re,kn,ms,Tn=Object.is,Lt=0,xs=[],Cn=[],oe=J,$s=oe.__b,gs=oe.__r,ys=oe.diffed,bs=oe.__c,_s=oe.unmount,ws=oe.__;function qt(t,e){oe.__h&&oe.__h(re,t,Lt||e),Lt=0;var n=re.__H||(re.__H={__:[],__h:[]});return t>=n.__.length&&n.__.push({}),n.__[t]}function v(t){return Lt=1,Hi(Ss,t)}function Hi(t,e,n){var o=qt(tt++,2);if(o.t=t,!o.__c&&(o.__=[n?n(e):Ss(void 0,e),function(r){var i=(o.__N||o.__)[0],c=o.t(i,r);Tn(i,c)||(o.__N=[c,o.__[1]],o.__c.setState({}))}],o.__c=re,!re.__f)){re.__f=!0;var s=re.shouldComponentUpdate;re.shouldComponentUpdate=function(r,i,c){var u=this.__H;if(!u)return!0;var f=!1,p=this.props!=r;if(u.__.some(function(d){d.__N&&(f=!0,Tn(d.__[0],d.__N[0])||(p=!0))}),s){var m=s.call(this,r,i,c);return f?m||p:m}return!f||p}}return o.__}function L(t,e){var n=qt(tt++,3);!oe.__s&&Rn(n.__H,e)&&(n.__P=!0,n.__=t,n.u=e,re.__H.__h.push(n))}function G(t,e){var n=qt(tt++,4);!oe.__s&&Rn(n.__H,e)&&(n.__P=!1,n.__=t,n.u=e,re.__h.push(n))}function M(t){return Lt=5,$e(function(){return{current:t}},[])}function $e(t,e){var n=qt(tt++,7);return Rn(n.__H,e)&&(n.__=t(),n.__H=e),n.__}function Bi(){var t;do{for(;t=Cn.shift();)try{yt(t)}catch(n){oe.__e(n,{__:(t=t.__P)&&t.__v})}for(;t=xs.shift();){var e=t.__H;if(t.__P&&e)try{e.__h.some(yt),e.__h.some(Dn),e.__h=[]}catch(n){e.__h=[],oe.__e(n,t.__v)}}}while(Cn.length)}oe.__b=function(t){re=null,$s&&$s(t)},oe.__=function(t,e){t&&e.__k&&e.__k.__m&&(t.__m=e.__k.__m),ws&&ws(t,e)},oe.__r=function(t){gs&&gs(t),tt=0;var e=(re=t.__c).__H;e&&(kn==re?re.__h=[]:(e.__h.some(yt),e.__h.some(Dn),tt=0),e.__h=[],e.__.some(function(n){n.__N&&(n.__=n.__N),n.u=n.__N=void 0})),kn=re},oe.diffed=function(t){ys&&ys(t);var e=t.__c;e&&e.__H&&(e.__H.__h.length&&Es(xs.push(e)),e.__H.__.some(function(n){n.u&&(n.__H=n.u)})),kn=re=null},oe.__c=function(t,e){e.some(function(n){try{n.__h.some(yt),n.__h=n.__h.filter(function(o){return!o.__||Dn(o)})}catch(o){n.__h=[function(){throw o}]}}),bs&&bs(t,e)},oe.unmount=function(t){_s&&_s(t);var e,n,o=t.__c;o&&o.__H&&(o.__H.__.some(function(s){try{if(s.__P&&s.__c){if(n===void 0){for(n=t.__;n&&(!n.__c||!n.__c.__P);)n=n.__;n=n&&n.__c}s.__P=n,Es(Cn.push(s))}else yt(s)}catch(r){e=r}}),o.__H=void 0,e&&oe.__e(e,o.__v))};var vs=typeof requestAnimationFrame=="function";function Ui(t){var e,n=function(){clearTimeout(o),vs&&cancelAnimationFrame(e),setTimeout(t)},o=setTimeout(n,35);vs&&(e=requestAnimationFrame(n))}function Es(t){t!=1&&ms==oe.requestAnimationFrame||((ms=oe.requestAnimationFrame)||Ui)(Bi)}function yt(t){var e=re,n=t.__c;typeof n=="function"&&(t.__c=void 0,n()),re=e}function Dn(t){var e=re;t.__c=t.__(),re=e}function Rn(t,e){return!t||t.length!=e.length||e.some(function(n,o){return!Tn(n,t[o])})}function Ss(t,e){return typeof e=="function"?e(t):e}var l=as.bind(gn);function nt(t){return class extends Oe{shouldComponentUpdate(n){return[...new Set([...Object.keys(n),...Object.keys(this.props)])].some(s=>n[s]!==this.props[s])}render(n){return gn(t,n)}}}var be={};xi(be,{ADD_REPLY:()=>Zn,DELETE_DISCUSSION:()=>so,DELETE_REPLY:()=>oo,DISCUSSION:()=>Le,DISCUSSIONS:()=>On,EDIT_DISCUSSION:()=>no,EDIT_REPLY:()=>to,EVENTS:()=>Wn,FEED:()=>Hn,HELD_POSTS:()=>Yn,LOCK_DISCUSSION:()=>co,PEOPLE:()=>bt,POST:()=>Ge,PRESENCE:()=>jn,PREVIEW:()=>zn,RECORD_VIEW:()=>Vn,REPLY_AT:()=>Un,REPORT:()=>ao,RESTORE_DISCUSSION:()=>io,RESTORE_REPLY:()=>ro,SEARCH_DISCUSSIONS:()=>An,SEARCH_FILTER:()=>Nn,SEARCH_POSTS:()=>Mn,SET_PRESENCE:()=>Gn,SIGN_IN_AS_GUEST:()=>Xn,SOURCE:()=>Kn,START:()=>Bt,START_DISCUSSION:()=>eo,THREAD:()=>Bn,THREAD_PAGE:()=>Fn,UNLOCK_DISCUSSION:()=>lo,USER_DISCUSSIONS:()=>qn,USER_REPLIES:()=>Ln,VIEWER_EVENTS:()=>Qn,WITHDRAW:()=>Jn});var Ee="fragment PersonParts on User { id handle name avatarUrl }",Ge=`fragment PostParts on Post {
  __typename id version lastEvent versionProof state bodyHtml createdAt lastEditedAt deletedAt
  author { ...PersonParts } authorRole byDiscussionAuthor
  deletion { by at reason body }
  viewerCanEdit viewerCanDelete viewerCanReply viewerCanRestore viewerCanReport
  quotes(maxDepth: 3) {
    id attributedName status bodyText sourceVersion
    source { __typename id version discussion { id number title } ... on Reply { sequence } }
  }
}
${Ee}`,Ne=`fragment ReplyParts on Reply {
  ...PostParts
  sequence path depth replyCount descendantCount
  replyTo { sequence author { name } }
}
${Ge}`,Is="fragment Counts on Discussion { id eventNumber replyCount participantCount viewCount lastActivityAt }",Ht="ancestors { id replyCount descendantCount }",Le=`fragment DiscussionParts on Discussion {
  ...PostParts ...Counts
  number title locked pinned
  category { id name slug }
}
${Is}`,ks=`fragment PageParts on ThreadConnection {
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  edges { cursor node { ...ReplyParts } }
}`,Bt=`query {
  site { name version terms deletedDays limits { replyLength openingPostLength titleLength depth } }
  viewer { isGuest isModerator suspension { reason until } tokenExpiresAt user { ...PersonParts } }
  categories(first: 50) { nodes { id name slug description position } }
}
${Ee}`,Pn=`fragment Listed on Discussion {
  id number eventNumber title state locked pinned replyCount participantCount lastActivityAt createdAt excerpt
  author { ...PersonParts }
  category { id name slug }
  latest: replies(last: 3) { nodes { sequence state createdAt author { ...PersonParts } } }
}
${Ee}`,On=`query ($after: String, $filter: DiscussionFilter, $orderBy: DiscussionOrder, $pinned: DiscussionFilter, $isFirst: Boolean!) {
  feedCursor
  pinned: discussions(first: 10, filter: $pinned, orderBy: $orderBy) @include(if: $isFirst) { nodes { ...Listed } }
  discussions(first: 20, after: $after, filter: $filter, orderBy: $orderBy) {
    pageInfo { hasNextPage endCursor } nodes { ...Listed }
  }
}
${Pn}`,Ts=`fragment Found on Post {
  __typename id createdAt author { ...PersonParts } discussion { number title } ... on Reply { sequence }
}
${Ee}`,An=`query ($query: String!, $filter: SearchFilter, $orderBy: SearchOrder!, $after: String) {
  found: searchDiscussions(query: $query, filter: $filter, orderBy: $orderBy, first: 20, after: $after) {
    totalCount totalCountIsExact pageInfo { hasNextPage endCursor } edges { title snippet matchCount post { ...Found } }
  }
}
${Ts}`,Mn=`query ($query: String!, $filter: SearchFilter, $orderBy: SearchOrder!, $after: String) {
  found: search(query: $query, filter: $filter, orderBy: $orderBy, first: 20, after: $after) {
    totalCount totalCountIsExact pageInfo { hasNextPage endCursor } edges { title snippet node { ...Found } }
  }
}
${Ts}`,Nn=`query ($author: String!, $category: String!, $number: Int!, $by: Boolean!, $within: Boolean!, $in: Boolean!) {
  author: user(handle: $author) @include(if: $by) { id }
  category(slug: $category) @include(if: $within) { id }
  discussion(number: $number) @include(if: $in) { id number title }
}`,Cs=`fragment UserParts on User {
  ...PersonParts isGuest createdAt
  replies(first: 1) { totalCount totalCountIsExact }
  discussions(first: 1) { totalCount totalCountIsExact }
}`,Ln=`query ($handle: String!, $after: String) {
  user(handle: $handle) {
    ...UserParts
    posts: replies(first: 20, after: $after) {
      pageInfo { hasNextPage endCursor }
      nodes { id state sequence createdAt excerpt discussion { number title state } }
    }
  }
}
${Cs}
${Ee}`,qn=`query ($handle: String!, $after: String) {
  user(handle: $handle) {
    ...UserParts
    posts: discussions(first: 20, after: $after) { pageInfo { hasNextPage endCursor } nodes { ...Listed } }
  }
}
${Cs}
${Pn}`,Hn=`subscription ($after: String, $filter: FeedFilter) {
  feed(after: $after, filter: $filter) {
    __typename cursor
    ... on FeedItem {
      event {
        __typename
        ... on DiscussionEvent { discussion { ...Listed } }
        ... on UserChanged { user { ...PersonParts } }
        ... on UserErased { userId }
        ... on CategoryChanged { categoryId category { id name slug description position } }
      }
    }
  }
}
${Pn}`,Bn=`query ($number: Int!, $root: ID, $around: Int, $first: Int!, $maxDepth: Int, $order: SiblingOrder!) {
  discussion(number: $number) {
    eventCursor
    ...DiscussionParts
    thread(root: $root, first: $first, aroundSequence: $around, maxDepth: $maxDepth, order: $order) { ...PageParts }
  }
}
${Le}
${ks}
${Ne}`,Un=`query ($number: Int!, $sequence: Int!) {
  discussion(number: $number) { reply(sequence: $sequence) { ...ReplyParts } }
}
${Ne}`,Fn=`query (
  $number: Int!, $first: Int, $after: String, $last: Int, $before: String, $root: ID, $maxDepth: Int, $order: SiblingOrder!
) {
  discussion(number: $number) {
    eventNumber
    thread(first: $first, after: $after, last: $last, before: $before, root: $root, maxDepth: $maxDepth, order: $order) {
      ...PageParts
    }
  }
}
${ks}
${Ne}`,Wn=`subscription ($discussionId: ID!, $after: String) {
  discussionEvents(discussionId: $discussionId, after: $after) {
    __typename cursor
    ... on ResyncRequired { reason }
    ... on DiscussionEvent { eventNumber clientMutationId discussion { ...Counts } }
    ... on ReplyAdded { edge { cursor } reply { ...ReplyParts } edges { node { sequence state } } ${Ht} }
    ... on ReplyEdited { reply { ...ReplyParts } }
    ... on ReplyDeleted { reply { ...ReplyParts } unlisted ${Ht} }
    ... on ReplyRestored { reply { ...ReplyParts } edge { cursor } edges { node { sequence state } } ${Ht} }
    ... on PostChanged { post { ...AnyPost } }
    ... on QuoteStatusChanged { post { ...AnyPost } }
    ... on DiscussionUpdated { changes post: discussion { ...DiscussionParts } }
  }
}
fragment AnyPost on Post { ... on Reply { ...ReplyParts } ... on Discussion { ...DiscussionParts } }
${Le}
${Ne}`,jn=`subscription ($discussionId: ID!) {
  presence(discussionId: $discussionId) { readerCount readers { ...PersonParts } typing { id name } }
}
${Ee}`,Gn="mutation ($input: SetPresenceInput!) { setPresence(input: $input) { errors { code message } } }",Vn=`mutation ($input: RecordViewInput!) {
  recordView(input: $input) { discussion { ...Counts } errors { code message } }
}
${Is}`,zn=`query ($body: String!, $discussionId: ID, $replyToId: ID, $quotes: [QuoteInput!]) {
  previewBody(body: $body, discussionId: $discussionId, replyToId: $replyToId, quotes: $quotes) {
    bodyHtml errors { code message }
  }
}`,bt=`query ($query: String!, $first: Int, $discussionId: ID) {
  people(query: $query, first: $first, discussionId: $discussionId) { ...PersonParts }
}
${Ee}`,Kn="query ($id: ID!) { node(id: $id) { ... on Post { id version body } ... on Discussion { title } } }",Ve=`fragment HeldParts on HeldPost {
  id kind state title body bodyHtml reasons createdAt
  author { ...PersonParts }
  discussion { id number title }
  replyTo { sequence depth }
  edits { id discussion { number title } ... on Reply { sequence } }
  reply { sequence discussion { number title } }
  decision { reason at }
}`,Yn=`query { viewer { eventCursor heldPosts(first: 20) { nodes { ...HeldParts } } } }
${Ve}
${Ee}`,Qn=`subscription ($after: String) {
  viewerEvents(after: $after) {
    __typename cursor
    ... on DecisionMade { decision { action reason at } post { id discussion { number title } } held { ...HeldParts } }
  }
}
${Ve}
${Ee}`,Jn=`mutation ($input: WithdrawHeldPostInput!) {
  withdrawHeldPost(input: $input) { held { ...HeldParts } errors { code message } }
}
${Ve}
${Ee}`,Xn=`mutation ($input: SignInAsGuestInput!) {
  signInAsGuest(input: $input) { token errors { code message } }
}`,Zn=`mutation ($input: AddReplyInput!) {
  addReply(input: $input) {
    edge { cursor }
    reply { ...ReplyParts ${Ht} }
    held { ...HeldParts }
    errors { code message ... on RateLimited { resetAt } }
  }
}
${Ve}
${Ne}`,eo=`mutation ($input: StartDiscussionInput!) {
  startDiscussion(input: $input) { discussion { id number title } held { ...HeldParts } errors { code message path } }
}
${Ve}
${Ee}`,Ds="... on EditConflict { current { __typename id version body bodyHtml state ... on Discussion { title } } }",to=`mutation ($input: EditReplyInput!) {
  editReply(input: $input) { droppedQuoteIds reply { ...ReplyParts } held { ...HeldParts } errors { code message ${Ds} } }
}
${Ve}
${Ne}`,no=`mutation ($input: EditDiscussionInput!) {
  editDiscussion(input: $input) { droppedQuoteIds discussion { ...DiscussionParts } held { ...HeldParts } errors { code message path ${Ds} } }
}
${Ve}
${Le}
${Ge}`,oo=`mutation ($input: DeleteReplyInput!) {
  deleteReply(input: $input) { reply { ...ReplyParts } errors { code message } }
}
${Ne}`,so=`mutation ($input: DeleteDiscussionInput!) {
  deleteDiscussion(input: $input) { discussion { ...DiscussionParts } errors { code message } }
}
${Le}
${Ge}`,ro=`mutation ($input: RestoreReplyInput!) {
  restoreReply(input: $input) { reply { ...ReplyParts } errors { code message } }
}
${Ne}`,io=`mutation ($input: RestoreDiscussionInput!) {
  restoreDiscussion(input: $input) { errors { code message } }
}`,ao="mutation ($input: ReportPostInput!) { reportPost(input: $input) { reported errors { code message } } }",co=`mutation ($input: LockDiscussionInput!) {
  written: lockDiscussion(input: $input) { discussion { ...DiscussionParts } errors { code message } }
}
${Le}
${Ge}`,lo=`mutation ($input: UnlockDiscussionInput!) {
  written: unlockDiscussion(input: $input) { discussion { ...DiscussionParts } errors { code message } }
}
${Le}
${Ge}`;var Q=class{#e=new Set;revision=0;subscribe(e){return this.#e.add(e),()=>this.#e.delete(e)}notify(){this.revision+=1;for(let e of[...this.#e])e()}};var Rs=["⁨","⁩"],Fi=/[\p{Script=Arab}\p{Script=Hebr}\p{Script=Syrc}\p{Script=Thaa}\p{Script=Nkoo}\p{Script=Adlm}]/u,_t={},As=null,Ms=null,le="en";function Wi(t,e){le=t,_t=e,As=new Intl.PluralRules(t),Ms=new Intl.NumberFormat(t)}function Ns(t){_t={..._t,...t}}var Ps=globalThis.document?.getElementById("strings");Ps&&Wi(document.documentElement.lang,JSON.parse(Ps.textContent));var Os=globalThis.document?.getElementById("languages"),Ls=Os?JSON.parse(Os.textContent):{};function ot(t){return Ms.format(t)}function Ut(t){return new Intl.ListFormat(le,{type:"unit",style:"short"}).format(t)}function qs(t){return Hs(t)!==void 0}function a(t,{isExact:e=!0,...n}={}){let o=Hs(t),s=typeof o=="object"?o[As.select(n.count)]??o.other:o;if(s===void 0)throw new Error(`The table of strings has no "${t}".`);let r=s.split(/\{(\w+)\}/).map((i,c)=>c%2?ji(n[i],i,t,e):i);return r.some(i=>typeof i=="object")?r.filter(i=>i!==""):r.join("")}function Hs(t){let[e,n]=t.split(".");return _t[e]?.[n]}function ji(t,e,n,o){if(t==null)throw new Error(`"${n}" needs a value for {${e}}.`);return e==="count"?ot(t)+(o?"":"+"):typeof t=="number"?String(t):typeof t!="string"?t:Fi.test(t)!==(_t.language?.direction==="rtl")?Rs[0]+t+Rs[1]:t}function Y(...t){let[,e]=v(0);G(()=>{let n=t.map(o=>o?.subscribe(()=>e(s=>s+1)));return()=>n.forEach(o=>o?.())},t)}var Gi={reply:"M9 7 4 12l5 5M4 12h9a7 7 0 0 1 7 7",quote:"M5 17c3 0 4-2 4-5V7H4v5h5M15 17c3 0 4-2 4-5V7h-5v5h5",bold:"M7 4h6a4 4 0 0 1 0 8H7zM7 12h7a4 4 0 0 1 0 8H7z",italic:"M10 4h8M6 20h8M14 4l-4 16",code:"m8 7-5 5 5 5M16 7l5 5-5 5",list:"M9 6h12M9 12h12M9 18h12M4 6h.01M4 12h.01M4 18h.01",spoiler:"M3 12s3-6 9-6c2 0 4 .7 5.5 1.8M21 12s-3 6-9 6c-2 0-4-.7-5.5-1.8M4 20 20 4",into:"M4 19h16M12 4v10m-5-4 5 5 5-5",edit:"m4 20 1-4L16 5l3 3L8 19zM14 7l3 3",trash:"M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",link:"M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",close:"M6 6l12 12M18 6 6 18",filter:"M4 6h16M7 12h10M10 18h4",search:"M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14M20 20l-4-4",sun:"M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v2M12 20v2M4 12H2M22 12h-2M5 5l1 1M18 18l1 1M19 5l-1 1M6 18l-1 1",moon:"M20 14A8 8 0 0 1 10 4a8 8 0 1 0 10 10",half:"M12 4a8 8 0 1 0 0 16zM12 4a8 8 0 0 1 0 16",display:"M4 7h9M19 7h1M16 4a3 3 0 1 0 0 6a3 3 0 0 0 0-6M4 17h1M11 17h9M8 14a3 3 0 1 0 0 6a3 3 0 0 0 0-6",lock:"M6 11h12v9H6zM9 11V8a3 3 0 0 1 6 0v3",down:"M12 5v14M6 13l6 6 6-6",up:"M12 19V5M6 11l6-6 6 6",plus:"M12 5v14M5 12h14",people:"M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M2 20c0-4 3-6 7-6s7 2 7 6M16 4a3.5 3.5 0 0 1 0 7M18 14c3 1 4 3 4 6",speech:"M4 5h16v11H10l-4 4v-4H4z",disconnect:"M4 4l16 16M9 5a10 10 0 0 1 12 4M3 9a12 12 0 0 1 3-2M6 13a8 8 0 0 1 4-3M15 11a8 8 0 0 1 3 2M12 19h.01",more:"M5 12h.01M12 12h.01M19 12h.01",next:"m9 5 7 7-7 7",fold:"M5 12h14M9 4l3 3 3-3M9 20l3-3 3 3",flask:"M9 3h6M10 3v6l-5 9a2 2 0 0 0 2 3h10a2 2 0 0 0 2-3l-5-9V3M7.500 15h9",check:"m5 12 5 5L19 7",clock:"M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M12 8v4l3 2",flag:"M6 21V4h12l-3 4 3 4H6",pin:"M9 4h6l-1 6 3 3H7l3-3zM12 13v7",shield:"M12 3 5 6v5c0 5 3 8 7 10 4-2 7-5 7-10V6z",undo:"M9 8 5 12l4 4M5 12h9a5 5 0 0 1 0 10h-2",picture:"M4 5h16v14H4zM4 16l5-5 4 4 2-2 5 5M15.500 9.500h.01"};function P({name:t}){return l`<svg class="icon" data-icon=${t} viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d=${Gi[t]} /></svg>`}function X({errors:t,children:e}){return t?.length?l`<div class="problems" role="alert">
    ${t.map(n=>l`<p key=${n.code} data-code=${n.code}>${ie(n)}</p>`)} ${e}
  </div>`:null}function ie({code:t,message:e,resetAt:n}){return t==="RATE_LIMITED"&&n?a("errors.tryAgainAfter",{message:e,time:new Date(n).toLocaleTimeString(le)}):qs(`errors.${t}`)?a(`errors.${t}`):e}function V(t){if(t.name==="NetworkError")return[{code:"UNREACHABLE",message:t.message}];if(t.name==="RequestError")return[{code:t.code,message:t.message,resetAt:t.resetAt}];throw t}function st({icon:t,title:e,children:n}){return l`<div class="nothing"><${P} name=${t} /><h2>${e}</h2>${n}</div>`}function qe(){return l`<div class="skeleton" aria-hidden="true">${[1,2,3,4].map(t=>l`<i key=${t}></i>`)}</div>`}function ke({title:t,onClose:e,children:n,className:o=""}){let s=M(null);return L(()=>{let{current:i}=s,c=document.activeElement;return i.showModal(),i.querySelector("[data-first]")?.focus(),()=>{i.close(),c?.isConnected&&c.focus()}},[]),l`<dialog ref=${s} class="dialog ${o}" aria-labelledby="dialog-title" onCancel=${i=>{i.preventDefault(),e()}}>
    <div class="dialog-head">
      <h2 id="dialog-title">${t}</h2>
      <button type="button" class="quiet square" aria-label=${a("page.close")} onClick=${e}><${P} name="close" /></button>
    </div>
    ${n}
  </dialog>`}var _e=class extends Error{name="NetworkError";unsent=!1},we=class extends Error{name="RequestError";constructor(e){super(e[0].message),this.code=e[0].extensions?.code??"BAD_REQUEST",this.resetAt=e[0].extensions?.resetAt??null}get refusesToken(){return this.code==="UNAUTHENTICATED"}};async function Ft(t,e={},{token:n=null,signal:o=null,address:s="/graphql",fetch:r=globalThis.fetch}={}){let i={"Content-Type":"application/json",Accept:"application/graphql-response+json, application/json"};n&&(i.Authorization=`Bearer ${n}`);let c=await Vi(r,s,{method:"POST",headers:i,body:JSON.stringify({query:t,variables:e}),signal:o});if(c.errors?.length&&!c.data)throw new we(c.errors);return c.data}async function Vi(t,e,n){try{let s=await(await t(e,n)).json();if(!s||typeof s!="object"||!("data"in s||"errors"in s))throw new Error("not a GraphQL response");return s}catch(o){throw new _e("The server can't be reached. Check your connection and try again.",{cause:o})}}var zi=3e4,wt=class{#e;#t=new AbortController;constructor({url:e,headers:n,connected:o,heard:s,lost:r,refused:i}){this.#e=vn({url:e,headers:n,retryAttempts:Number.POSITIVE_INFINITY,retry:r,on:{connected:o},fetchFn:(c,u)=>this.#n(c,u,{heard:s,refused:i})})}subscribe(e,n){return this.#e.subscribe(e,n)}terminate(){this.#t.abort(),this.#t=new AbortController}async#n(e,n,{heard:o,refused:s}){let r=this.#t,i=new AbortController,c=null,u=()=>{clearTimeout(c),c=setTimeout(()=>i.abort(),zi)};u();let f=AbortSignal.any([n.signal,r.signal,i.signal]);f.addEventListener("abort",()=>clearTimeout(c));let p=await fetch(e,{...n,signal:f});if(!p.ok||!p.body)return clearTimeout(c),await Ki(p.clone())==="UNAUTHENTICATED"&&s(),p;let m=new TransformStream({transform(d,h){u(),o(),h.enqueue(d)},flush:()=>clearTimeout(c)});return new Response(p.body.pipeThrough(m),p)}};async function Ki(t){try{let{errors:e}=await t.json();return e[0].extensions.code}catch{return null}}var Yi=15e3,Qi=1e4,Ji=5e3,Xi=4403,Zi="Rights",ea=3,Wt=class extends Q{state="idle";heardAt=null;#e;#t;#n;#o=!1;#c=new Set;#r=new Set;#i=null;constructor(e,n){super(),this.#e=e,this.#t=n,this.#n=this.#u(),addEventListener("online",()=>this.#g()),addEventListener("offline",()=>this.#n.terminate()),document.addEventListener("visibilitychange",()=>document.hidden||this.#g())}disconnect(){this.#e.setDisconnected(!0),this.#n.terminate()}reconnect(){this.#e.setDisconnected(!1),this.#g()}renew(){this.state==="open"&&(this.#n.terminate(),this.#g())}send(e,n){this.state==="open"&&(this.#a?this.#n.subscribe({query:e,variables:n},{next(){},error(){},complete(){}}):this.#e.execute(e,n).catch(o=>console.info("A mutation failed:",o.message)))}follow(e,{variables:n,next:o,failed:s,ended:r}){let i={query:e,get variables(){return n()}},c=f=>p=>{this.#c.delete(u),f(p)},u={payload:i,next:({data:f,errors:p})=>p?c(s)(Bs(p)):o(f),error:c(f=>s(Bs(f))),complete:c(r)};return this.#c.add(u),this.#d(u),()=>{this.#c.delete(u),u.stop()}}#d(e){let n=this.#n;e.client=n;let o=s=>r=>e.client===n&&s(r);e.stop=n.subscribe(e.payload,{next:o(e.next),error:o(e.error),complete:o(e.complete)})}get hasFewConnections(){let[e]=performance.getEntriesByType("navigation");return!this.#a&&/^http\/1/.test(e?.nextHopProtocol??"")}get#a(){return!(this.#n instanceof wt)}#l(){let{token:e}=this.#e;return e?{authorization:`Bearer ${e}`}:{}}#u(){return In({url:new URL(this.#t,location.origin.replace(/^http/,"ws")).href,connectionParams:()=>this.#l(),retryAttempts:Number.POSITIVE_INFINITY,shouldRetry:()=>!0,retryWait:async e=>{!this.#o&&e+1>=ea&&await this.#s()?this.#p():await this.#m(e)},keepAlive:Qi,lazyCloseTimeout:1e3,on:{message:()=>this.#b(),connecting:()=>this.#h("connecting"),connected:()=>{this.#o=!0,this.#h("open")},closed:e=>this.#$(e),ping:e=>{e||(this.#i=setTimeout(()=>this.#n.terminate(),Ji))},pong:e=>{e&&clearTimeout(this.#i)}}})}#p(){this.#n=new wt({url:this.#t,headers:()=>this.#l(),connected:()=>this.#h("open"),heard:()=>this.#b(),lost:e=>this.#f(e),refused:()=>this.#e.end()}),this.#h("connecting");for(let e of this.#c){let{stop:n}=e;this.#d(e),n()}}async#s(){try{return await this.#e.execute("{ __typename }"),!0}catch(e){return e instanceof we}}#f(e){return e===0&&this.state==="open"?(this.#h("waiting"),this.#n.terminate()):this.state==="connecting"&&this.#h("waiting"),this.#m(e,{isQuiet:!0})}async#m(e,{isQuiet:n=!1}={}){n||this.#h("waiting");let o=e===0?100+400*Math.random():Math.min(Yi,500*2**e)*(.5+Math.random()/2);await new Promise(s=>{let r=()=>{this.#e.isDisconnected||(clearTimeout(i),this.#r.delete(r),s())},i=setTimeout(r,o);this.#r.add(r)})}#g(){for(let e of[...this.#r])e()}#$(e){clearTimeout(this.#i),e.code===Xi&&this.#e.end(),e.reason?.startsWith(Zi)&&this.#e.refresh(),this.#a&&this.#h(e.code===1e3?"idle":"waiting")}#b(){this.heardAt=Date.now()}#h(e){e!==this.state&&(this.state=e,this.notify())}};function Bs(t){return Array.isArray(t)?t.map(({extensions:e})=>e?.code??"BAD_REQUEST"):[`CLOSED_${t?.code??"UNKNOWN"}`]}var ta=6e4,uo=globalThis.document?.getElementById("data"),po=uo?JSON.parse(uo.textContent):{results:[],categories:[]};uo?.remove();var Us=po.categories;function Fs(t,e={}){let n=po.results.findIndex(s=>be[s.document]===t&&na(s.variables,e));if(n===-1||performance.now()>ta)return null;let[{data:o}]=po.results.splice(n,1);if(o.discussion&&e.maxDepth){let{thread:s}=o.discussion;s.edges=s.edges.filter(({node:r})=>r.depth<=e.maxDepth)}return o}function na(t,e){return Object.entries(t).every(([n,o])=>JSON.stringify(e[n]??null)===JSON.stringify(o))}function ue(){return[...crypto.getRandomValues(new Uint8Array(16))].map(t=>t.toString(16).padStart(2,"0")).join("")}var oa=/[\\`*_[\]<>&~|]/g,sa=/^(\d*)([.)#+=:-])/;function js(t,e){let n=e.split(`
`).map(s=>s.trim()).filter((s,r,i)=>s||r>0&&i[r-1]).map(s=>s.replace(oa,"\\$&").replace(sa,"$1\\$2"));for(;n.at(-1)==="";)n.pop();return[`**${t.replace(/[\\`*_[\]<>&~|]/g,"\\$&")} said:**`,"",...n].map(s=>`> ${s}`.trimEnd()).join(`
`)+`
`}function ra(t){let e=[],n=null;for(let o of t.split(`
`)){let s=/^ {0,3}> ?(.*)$/.exec(o)?.[1];s===void 0?n=null:n?n.push(s):e.push(n=[s])}return e.map(o=>(/^\*\*.*:\*\*\s*$/.test(o[0])?o.slice(1):o).join(`
`).replace(/\\([!-/:-@[-`{-~])/g,"$1").trim())}function Gs(t,e){let n=ra(t),o=[];for(let s of e){let r=s.isInText?n.findIndex(i=>i&&Ws(s.text).includes(Ws(i))):-1;s.isInText?r!==-1&&o.push({...s,text:n.splice(r,1)[0]}):o.push(s)}return o}function jt({sourceId:t,sourceVersion:e,versionProof:n,text:o}){return{sourceId:t,sourceVersion:e,...n&&{versionProof:n},text:o}}function Vs(t,e,n){let o=t.slice(0,e).trimEnd(),s=t.slice(e).trimStart(),r=`${o?`${o}

`:""}${n}
`;return{body:r+(s?`
${s}`:""),caret:r.length}}function Ws(t){return t.replace(/\s+/g," ").trim().toLowerCase()}var Ks="parley:own",zs="parley:unreadable:",Gt=class extends Map{get length(){return this.size}key(e){return[...this.keys()][e]}getItem(e){return this.get(e)??null}setItem(e,n){this.set(e,n)}removeItem(e){this.delete(e)}};function Ys(t){try{return globalThis[t]??new Gt}catch{return new Gt}}var ve=Ys("localStorage"),fo=Ys("sessionStorage");function rt(){return fo.getItem(Ks)!==null}function Qs(){fo.setItem(Ks,"yes")}function xe(){return rt()?fo:ve}function Vt(t,e,n){let o=t.getItem(e);if(o===null)return null;try{let s=JSON.parse(o);if(n(s))return s}catch(s){if(!(s instanceof SyntaxError))throw s}return console.warn(`The stored value ${e} can't be read. It was moved to ${zs}${e}.`),t.setItem(zs+e,o),t.removeItem(e),null}var zt="parley:outbox:",ia=30,aa=6*864e5,ca={code:"TOO_OLD"},Kt=class extends Q{#e;#t;#n;#o=new Set;#c=0;#r=null;constructor({storage:e,execute:n,viewerId:o}){super(),this.#e=e,this.#t=n,this.#n=o,this.onSent=()=>{},this.onHeld=()=>{},this.entries=this.#f()}of(e){return this.entries.filter(n=>n.discussionId===e)}add(e,n){let o={...e,key:ue(),by:n.id,author:n,at:new Date().toISOString(),tried:!1,errors:[]};return this.#s(o),this.flush(),o}flush(){clearTimeout(this.#r);for(let e of this.entries)e.by!==this.#n()||e.errors.length||this.#o.has(e.key)||(e.tried&&Date.now()-Date.parse(e.at)>aa?this.#s({...e,errors:[ca]}):this.#i(e))}again(e){let n=this.#p(e);n&&(this.settle(e),this.#s({...n,key:ue(),at:new Date().toISOString(),tried:!1,errors:[]}),this.flush())}adopt(e,n){let o=this.#p(e);o&&(this.settle(e),this.#s({...o,key:ue(),by:n.id,author:n,tried:!1,errors:[]}),this.flush())}isOfAnotherUser(e){return e.by!==this.#n()}isSending(e){return this.#o.has(e.key)}settle(e){this.#p(e)&&(this.#e().removeItem(zt+e),this.entries=this.entries.filter(n=>n.key!==e),this.notify())}reread(){this.entries=this.#f(),this.notify()}async#i(e){this.#o.add(e.key),this.notify();let{discussionId:n,body:o,quotes:s,key:r}=e,i={discussionId:n,body:o,quotes:s.map(jt),clientMutationId:r,replyToId:e.replyTo?.id??null};try{let{addReply:c}=await this.#t(Zn,{input:i});this.#c=0;let u=c.errors.find(f=>f.resetAt);u?this.#l(Math.max(1,(Date.parse(u.resetAt)-Date.now())/1e3)):c.errors.length?this.#u({...e,errors:c.errors}):this.#d(e,c)}catch(c){this.#a(e,c)}finally{this.#o.delete(e.key),this.notify()}}#d(e,n){this.settle(e.key),n.reply?this.onSent(n,e):n.held&&this.onHeld(n.held)}#a(e,n){if(n instanceof _e&&!n.unsent&&!e.tried&&this.#u({...e,tried:!0}),n instanceof _e||n.code==="RATE_LIMITED"||n.code==="INTERNAL")this.#l(Math.min(ia,2**this.#c)),this.#c+=1;else if(n instanceof we&&!n.refusesToken)this.#u({...e,errors:[{code:n.code,message:n.message}]});else if(!(n instanceof we))throw n}#l(e){clearTimeout(this.#r),this.#r=setTimeout(()=>this.flush(),e*1e3)}#u(e){this.#p(e.key)&&this.#s(e)}#p(e){return this.entries.find(n=>n.key===e)}#s(e){this.#e().setItem(zt+e.key,JSON.stringify(e)),this.entries=[...this.entries.filter(({key:n})=>n!==e.key),e].sort((n,o)=>n.at<o.at?-1:1),this.notify()}#f(){let e=this.#e();return Array.from({length:e.length},(s,r)=>e.key(r)).filter(s=>s?.startsWith(zt)).map(s=>Vt(e,s,r=>la(r,s))).filter(Boolean).sort((s,r)=>s.at<r.at?-1:1)}};function la(t,e){let{key:n,by:o,author:s,at:r,discussionId:i,body:c,quotes:u,errors:f}=t??{},p=[o,r,i,c,s?.name];return zt+n===e&&p.every(m=>typeof m=="string")&&Array.isArray(u)&&Array.isArray(f)}function ua(t){let n=t.normalize("NFC").replace(/\p{Default_Ignorable_Code_Point}/gu,"").toLowerCase().replace(/(?<=[ij])\u0307/gu,"").match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu)??[],o="",s=0;for(let{segment:r}of new Intl.Segmenter().segment(n.join("-"))){if(s+=[...r].length,s>80)break;o+=r}return o.replace(/-+$/,"")||"discussion"}function fe({number:t,title:e}){return`/d/${t}/${ua(e)}`}function it({handle:t},e="replies"){return`/u/${encodeURIComponent(t)}${e==="replies"?"":`?show=${e}`}`}function Se({discussion:t,sequence:e}){return fe(t)+(e?`#reply-${e}`:"")}var ho=2**31-1,Xs={query:"q",author:"author",category:"category",discussion:"discussion",from:"from",to:"to",order:"order"};function mo(t="queue",e={}){let n=new URLSearchParams(Object.entries(e).filter(([,o])=>o));return`/moderate${t==="queue"?"":`/${t}`}${n.size?`?${n}`:""}`}function ge(t){let e=Object.entries(Xs).filter(([o])=>t[o]),n=new URLSearchParams(e.map(([o,s])=>[s,t[o]]));return n.size?`/search?${n}`:"/search"}function da(t){return Object.fromEntries(Object.entries(Xs).map(([e,n])=>[e,t.get(n)??""]))}var Yt=class extends Q{saveView=()=>({scroll:scrollY});isDisabled=!1;constructor(){super(),addEventListener("popstate",()=>this.notify()),document.addEventListener("click",e=>this.#e(e))}get place(){return Js(location)}get restored(){return history.state?.restored??null}go(e,{instead:n=!1}={}){let o=location.pathname;n||history.replaceState({restored:this.saveView()},""),history[n?"replaceState":"pushState"](null,"",e),location.pathname!==o&&!n&&scrollTo(0,0),this.notify()}#e(e){if(this.isDisabled||e.defaultPrevented||e.button||e.metaKey||e.ctrlKey||e.shiftKey||e.altKey)return;let n=e.target.closest?.("a[href]");if(!n||n.target||n.hasAttribute("download"))return;let{postId:o,userId:s}=n.dataset;n.origin!==location.origin&&!o&&!s||Js(n).page!=="missing"&&(e.preventDefault(),this.go(`${n.pathname}${n.search}${n.hash}`))}};function Js({pathname:t,search:e,hash:n}){let o=/^\/d\/(\d{1,10})(?:\/(?!feed\.atom$)[^/]*)?$/.exec(t);if(o&&Number(o[1])<=ho){let i=new URLSearchParams(e),c=Number(/^#reply-(\d+)$/.exec(n)?.[1]??i.get("reply")??i.get("after"))||0;return{page:"discussion",number:Number(o[1]),sequence:c,root:Number(i.get("root"))||null}}let s=/^\/u\/([^/]+)$/.exec(t);if(s){let i=new URLSearchParams(e).get("show")==="discussions"?"discussions":"replies";return{page:"user",handle:pa(s[1]),kind:i}}let r=/^\/moderate(?:\/(people|log|categories))?$/.exec(t);return r?{page:"moderate",part:r[1]??"queue",given:Object.fromEntries(new URLSearchParams(e))}:t==="/search"?{page:"search",...da(new URLSearchParams(e))}:{page:t==="/"?"front":"missing"}}function pa(t){try{return decodeURIComponent(t)}catch{return t}}var Qt="parley:session",fa=2**31-1,Jt=class extends Q{viewer=null;expired=!1;isDisconnected=!1;token=null;#e=null;constructor(){super(),this.token=xe().getItem(Qt),addEventListener("storage",({key:e,newValue:n})=>{e!==Qt||n===this.token||rt()||(this.token=n,this.start().catch(()=>this.#t(null)))})}async execute(e,n,{signal:o}={}){if(this.isDisconnected)throw Object.assign(new _e(a("errors.DISCONNECTED")),{unsent:!0});let{token:s}=this;try{return Fs(e,n)??await Ft(e,n,{token:s,signal:o})}catch(r){if(!(r instanceof we)||!r.refusesToken||!s||(s===this.token&&this.end(),e.trimStart().startsWith("mutation")))throw r;return Ft(e,n,{signal:o})}}get suspension(){return this.viewer?.suspension??null}get rights(){return this.viewer&&`${this.viewer.user.id} ${this.viewer.isModerator} ${this.suspension!==null}`}async refresh(){try{await this.start()}catch(e){console.info("The viewer could not be loaded again:",e.message)}}async start(){let{viewer:e,...n}=await this.execute(Bt);return this.#t(e),n}async signInAsGuest(e,{inTab:n=!1}={}){let{signInAsGuest:o}=await this.execute(Xn,{input:{name:e}});return o.errors.length||await this.signIn(o.token,{inTab:n}),o.errors}async signIn(e,{inTab:n=!1}={}){let{viewer:o}=await Ft(Bt,{},{token:e});n&&Qs(),this.token=e,xe().setItem(Qt,e),this.#t(o)}signOut(){this.#n(),this.expired=!1,this.notify()}end(){this.token!==null&&(this.expired=!0,this.#n(),this.notify())}setDisconnected(e){this.isDisconnected=e,this.notify()}#t(e){if(this.viewer=e,clearTimeout(this.#e),e){this.expired=!1;let n=Date.parse(e.tokenExpiresAt)-Date.now();n<fa&&(this.#e=setTimeout(()=>this.end(),n))}this.notify()}#n(){xe().removeItem(Qt),clearTimeout(this.#e),this.token=null,this.viewer=null}};var y=new Jt,z=new Yt,Z=new Wt(y,"/graphql"),se=new Kt({storage:xe,execute:(t,e)=>y.execute(t,e),viewerId:()=>y.viewer?.user.id??null});addEventListener("storage",({key:t})=>t?.startsWith("parley:outbox:")&&!rt()&&se.reread());addEventListener("online",()=>se.flush());Z.subscribe(()=>Z.state==="open"&&se.flush());var ha=5e3,$o=class extends Q{announced="";shown=null;#e=null;announce(e){this.announced=e,this.notify()}show(e,n=null){clearTimeout(this.#e),this.shown={text:e,action:n},this.#e=setTimeout(()=>this.clear(),8e3),this.announce(e)}clear(){this.shown=null,this.notify()}},B=new $o,go=class extends Q{name=document.getElementById("app")?.dataset.site??"Parley";limits={replyLength:4e4,openingPostLength:1e5,titleLength:200,depth:100};categories=Us;terms=null;deletedDays=0;isLoaded=!1;isClosed=!1;signingIn=null;async load(){let e=await this.#e();if(!e)return;let{site:n,categories:o}=e;Object.assign(this,{name:n.name,limits:n.limits,terms:n.terms,deletedDays:n.deletedDays,categories:o.nodes,isLoaded:!0}),this.notify()}replaceCategory(e,n){let o=this.categories.filter(i=>i.id!==e),s=n?o.findIndex(({position:i})=>i>n.position):-1,r=s===-1?o.length:s;this.categories=[...o.slice(0,r),...n?[n]:[],...o.slice(r)],this.notify()}async#e(){for(;;)try{return await y.start()}catch(e){if(e.code==="DOCUMENT_NOT_TRUSTED")return this.isClosed=!0,z.isDisabled=!0,this.notify(),null;B.show(ie(V(e)[0])),await new Promise(n=>setTimeout(n,ha))}}openSignIn(e=()=>{},{inTab:n=rt()}={}){this.signingIn={then:e,inTab:n},this.notify()}closeSignIn(e){let{then:n}=this.signingIn;this.signingIn=null,this.notify(),e&&se.reread(),e&&setTimeout(n,0)}},k=new go;var Zs={ABRIDGED:"quote.abridged",SOURCE_EDITED:"quote.edited",SOURCE_DELETED:"quote.deleted",ALTERED:"quote.altered",UNRESOLVED:"quote.unresolved"},er=2,Te=nt(function({bodyHtml:e,quotes:n=[],postId:o,number:s}){let r=M(null);return G(()=>{let{current:i}=r;i.innerHTML=e;for(let c of i.querySelectorAll("blockquote[data-quote-id]")){let u=n.find(({id:f})=>f===c.dataset.quoteId);u&&ya(c,u,s)}ma(i)},[e,JSON.stringify(n)]),l`<div ref=${r} class="post-body" data-post=${o}></div>`});function ma(t){for(let s of t.querySelectorAll("pre, table")){let r=document.createElement("div");r.className="wide",r.tabIndex=0,r.setAttribute("role","group"),r.setAttribute("aria-label",a(s.tagName==="PRE"?"post.code":"post.table")),s.replaceWith(r),r.append(s)}let e=[...t.querySelectorAll("h1, h2, h3, h4, h5, h6")],n=[...new Set(e.map(({tagName:s})=>s))].sort(),o=er;for(let s of e)o=Math.min(6,o+1,er+1+n.indexOf(s.tagName)),s.setAttribute("aria-level",String(o));for(let s of t.querySelectorAll(".spoiler")){s.setAttribute("role","button"),s.setAttribute("aria-label",a("composer.spoiler"));let r=()=>{for(let i of["role","aria-label"])s.removeAttribute(i);s.tabIndex=-1};s.addEventListener("click",r),s.addEventListener("keydown",({key:i})=>(i==="Enter"||i===" ")&&r())}for(let s of t.querySelectorAll("li"))s.dataset.marker=ga(s);for(let s of t.querySelectorAll("img"))s.loading="lazy",s.referrerPolicy="no-referrer",s.addEventListener("error",()=>s.replaceWith($a(s)),{once:!0})}function $a({alt:t,src:e}){let n=document.createElement("span");n.className="broken-picture",n.dataset.alt=t,n.dir=document.documentElement.dir;let o=a("post.brokenPicture",{host:new URL(e).host});return gt(l`<${P} name="picture" /><span>${t&&l`<b dir="auto">${t}</b>`}${o}</span>`,n),n}function ga(t){let{label:e}=t.dataset;if(e)return`[^${e}]: `;let n=t.parentElement,o=n.tagName==="OL"?`${n.start+[...n.children].indexOf(t)}. `:"",s=t.querySelector(":scope > input[type=checkbox]");return`${o}${s?`[${s.checked?"x":" "}] `:""}`}function ya(t,e,n){let o=document.createElement("p");o.className="quote-source",o.dataset.status=e.status,o.dir=document.documentElement.dir;let s=document.createElement("bdi");if(s.textContent=e.attributedName||a("page.somebody"),o.append(...e.source?a("quote.saidIn",{name:s,post:va(e.source,n)}):a("quote.said",{name:s})),Zs[e.status]){let i=document.createElement("span");i.className="quote-status",i.textContent=a(Zs[e.status]),o.append(" ",i)}let r=t.firstElementChild;wa(r,e)?r.replaceWith(o):t.prepend(o),e.status==="ABRIDGED"&&_a(t)}var ba=/\[ ?(?:…|\.{3})[.…]* ?\]|\( ?(?:…|\.{3})[.…]* ?\)|(?:…|\.{3})[.…]*/g;function _a(t){let e=document.createTreeWalker(t,NodeFilter.SHOW_TEXT),n=[];for(;e.nextNode();){let{parentElement:o}=e.currentNode;o.closest("blockquote")===t&&!o.closest(".quote-source, .omission")&&n.push(e.currentNode)}for(let o of n)for(let{index:s,0:r}of[...o.data.matchAll(ba)].reverse()){let i=document.createElement("mark");i.className="omission",i.title=a("quote.omission"),i.textContent=r,o.splitText(s).splitText(r.length),o.nextSibling.replaceWith(i)}}function wa(t,e){let n=t?.tagName==="P"?t.textContent.trim():"";return/[:：]$/.test(n)&&n.includes(e.attributedName)&&!tr(e.bodyText).startsWith(tr(n))}function va(t,e){let n=document.createElement("a");n.href=Se(t);let o=t.__typename==="Reply"?"quote.reply":"quote.opening",{title:s}=t.discussion;return n.textContent=t.discussion.number===e?a(o,{number:t.sequence}):a(`${o}Of`,{number:t.sequence,title:s}),n}function tr(t){return t.replace(/\s+/g," ").trim()}function vt(t){if(t.nodeType===Node.TEXT_NODE)return t.data.replace(/\s+/g," ");if(t.nodeType===Node.ELEMENT_NODE){if(t.matches(".quote-source, .footnote-back"))return"";if(t.matches(".footnote-ref"))return`[^${t.dataset.label}]`;if(t.tagName==="BR")return`
`;if(t.tagName==="IMG")return t.alt;if(t.classList.contains("broken-picture"))return t.dataset.alt}let e=[...t.childNodes].map(vt).join("");return t.nodeType===Node.ELEMENT_NODE&&/^(P|LI|PRE|H[1-6]|BLOCKQUOTE|TR|UL|OL)$/.test(t.tagName)?`${t.dataset.marker??""}${e.trim()}

`:e}var Ea=25,Ce=class extends Q{state="connecting";#e;#t;#n;#o;#c;#r;#i;#d=[];#a=()=>{};#l=[];#u=null;#p=!1;#s=0;constructor(e,{query:n,field:o,cursor:s,variables:r={},asOf:i=null,handle:c,resync:u}){super(),this.#e=i,this.#t=e,this.#n=n,this.#c=o,this.#o=r,this.#r=c,this.#i=u,this.cursor=s,this.#d.push(e.subscribe(()=>this.#b())),this.#m()}get asOf(){return this.state==="live"?this.#t.heardAt:this.#e}stop(){this.#f();for(let e of this.#d)e();this.#y("ended")}#f(){this.#s+=1,clearTimeout(this.#u),this.#u=null,this.#l=[],this.#a()}#m(){this.#y(this.#t.state==="open"?"replaying":"connecting");let e=this.#s,n=o=>s=>e===this.#s&&o(s);this.#a=this.#t.follow(this.#n,{variables:()=>({...this.#o,after:this.cursor}),next:n(o=>this.#g(o[this.#c])),failed:n(o=>this.#h(o)),ended:n(()=>this.#v())})}#g(e){this.#l.push(e),this.#u??=setTimeout(()=>this.#$(),Ea)}#$(){clearTimeout(this.#u),this.#u=null;let e=this.#l;if(this.#l=[],!e.length||this.state==="ended")return;let n=this.state!=="live"&&this.#p,o=e.findIndex(({__typename:r})=>r==="CaughtUp"),s=n?o===-1?e.length:o:0;try{this.#r(e,s)}catch(r){return console.error(r),this.#_("RESYNC_REQUIRED")}this.cursor=e.at(-1).cursor,e.at(-1).__typename==="ResyncRequired"?this.#_("RESYNC_REQUIRED"):o!==-1&&(this.#p=!0,this.#y("live"))}#b(){this.state!=="ended"&&(this.#$(),this.#y(this.#t.state==="open"?"replaying":"connecting"))}#h(e){let n=this.#s;this.#$(),n===this.#s&&(e.includes("BAD_CURSOR")||e.includes("RESYNC_REQUIRED")?this.#_("RESYNC_REQUIRED"):e.includes("NOT_FOUND")?this.stop():this.#_(e[0]))}#v(){let e=this.#s;this.#$(),e===this.#s&&this.stop()}async#_(e){this.#f(),this.#y("connecting");let n=this.#s,o=this.cursor;if(e==="RESYNC_REQUIRED"?o=await this.#w():await nr(),n===this.#s){if(o===null)return this.stop();this.cursor=o,this.#m()}}#y(e){e!==this.state&&(this.#e=this.asOf,this.state=e,this.notify())}async#w(){let e=this.#s;for(;e===this.#s;)try{return await this.#i()}catch(n){if(n.name!=="NetworkError"&&n.name!=="RequestError")throw n;await nr()}return null}};function nr(){return new Promise(t=>setTimeout(t,2e3+3e3*Math.random()))}var rr="parley:held-hidden",xa=7*864e5,or={DELETE_POST:"held.postDeleted",DELETE_DISCUSSION:"held.postDeleted",RESTORE_POST:"held.postRestored",RESTORE_DISCUSSION:"held.postRestored"},yo=class extends Q{nodes=[];sent=null;#e=null;#t=0;entriesOf(e){return this.nodes.filter(({kind:o,discussion:s})=>o==="REPLY"&&s?.id===e).map(o=>({key:o.id,replyTo:o.replyTo,held:o}))}get edits(){return new Map(this.nodes.filter(({edits:e})=>e).map(e=>[e.edits.id,e]))}get discussions(){return this.nodes.filter(({kind:e})=>e==="DISCUSSION")}async open(){let e=this.#t+=1;if(this.#e?.stop(),this.#e=null,this.nodes=[],this.notify(),!!y.viewer)try{let n=await this.#n();if(e!==this.#t||n===null||Z.hasFewConnections)return;this.#e=new Ce(Z,{query:Qn,field:"viewerEvents",cursor:n,handle:o=>this.#o(o),resync:()=>this.#n()})}catch(n){console.info("What is held could not be loaded:",n.message)}}add(e){this.sent=e.id,this.#i(e),this.notify()}async withdraw(e){try{let{held:n,errors:o}=(await y.execute(Jn,{input:{heldPostId:e.id}})).withdrawHeldPost;return o.length&&B.show(ie(o[0])),n&&this.#i(n),this.notify(),!o.length}catch(n){return B.show(ie(V(n)[0])),!1}}hide({id:e}){ve.setItem(rr,JSON.stringify([...ir(),e].slice(-50))),this.nodes=this.nodes.filter(n=>n.id!==e),this.notify()}async#n(){let e=this.#t,{viewer:n}=await y.execute(Yn);if(e!==this.#t||!n)return null;this.nodes=[];for(let o of n.heldPosts.nodes)this.#i(o);return this.notify(),n.eventCursor}#o(e){for(let{decision:n,post:o,held:s}of e)n&&((n.action==="SUSPEND_USER"||n.action==="UNSUSPEND_USER")&&y.refresh(),s?this.#c(s):o&&or[n.action]&&this.#r(n,o));this.notify()}#c(e){let n=this.nodes.some(({id:o})=>o===e.id);if(this.#i(e),e.state==="PUBLISHED"){let o=e.reply??e.edits,s=o?Se(o):e.discussion&&fe(e.discussion);B.show(a("held.published"),s?{label:a("outbox.show"),act:()=>z.go(s)}:null)}else e.state==="REJECTED"&&n&&B.announce(a("held.rejected"))}#r({action:e,reason:n},o){let s=a(or[e],{title:o.discussion.title});B.show(n?`${s} ${a("post.reason",{reason:n})}`:s)}#i(e){let n=this.nodes.filter(({id:s})=>s!==e.id),o=Sa(e)?[...n,e]:n;this.nodes=o.sort((s,r)=>s.createdAt<r.createdAt?-1:1)}};function Sa({id:t,state:e,decision:n}){return e==="HELD"?!0:e==="REJECTED"&&!ir().includes(t)&&Date.now()-Date.parse(n?.at??0)<xa}function ir(){return JSON.parse(ve.getItem(rr)??"[]")}var ae=new yo;se.onHeld=t=>ae.add(t);var sr=null;y.subscribe(()=>{let t=y.viewer?.user.id??null;t!==sr&&(sr=t,ae.open())});var bo=24;function ce({user:t,size:e=""}){return t?.avatarUrl?l`<img class="avatar ${e}" src=${t.avatarUrl} alt="" loading="lazy" referrerpolicy="no-referrer" />`:l`<span class="avatar ${e} ${t?Ta(t.handle):"hue-none"}" aria-hidden="true">${ka(t?.name??"?")}</span>`}function cr({users:t,title:e}){return l`<span class="faces-row" title=${e}>${t.map(n=>l`<${ce} key=${n.id} user=${n} size="small" />`)}</span>`}function Et({user:t,size:e}){let n=l`<${ce} user=${t} size=${e} />`;return t?l`<a class="face-link" href=${it(t)} tabindex="-1" aria-hidden="true">${n}</a>`:n}function at({user:t}){let e=l`<${ze} user=${t} />`;return t?l`<a class="author" href=${it(t)}>${e}</a>`:e}var ar={MODERATOR:"roles.moderator",GUEST:"roles.guest",APPLICATION:"roles.application"};function _o({post:{authorRole:t,byDiscussionAuthor:e}}){return l`${ar[t]&&l`<span class="standing" data-role=${t}>${a(ar[t])}</span>`}
    ${e&&l`<span class="standing" data-role="STARTER">${a("roles.starter")}</span>`}`}function ze({user:t}){return t?l`<bdi class="name" title=${`@${t.handle}`}>${t.name}</bdi>`:l`<span class="nobody">${a("page.formerMember")}</span>`}function ct({category:t}){return l`<span class="category"><i class="dot hue-${ur(t.slug)%bo}" aria-hidden="true"></i><bdi>${t.name}</bdi></span>`}function lr({users:t}){let[e,n,...o]=t.map(({id:s,name:r})=>l`<bdi key=${s}>${r}</bdi>`);return n?o.length?a("names.more",{first:e,second:n,count:o.length}):a("names.two",{first:e,second:n}):e??""}var Ia=new Intl.Segmenter(void 0,{granularity:"grapheme"});function ka(t){let e=[...Ia.segment(t)].map(({segment:n})=>n);return(e.find(n=>/^[\p{L}\p{N}]/u.test(n))??e.find(n=>/\S/u.test(n))??"?").toUpperCase()}function Ta(t){let e=ur(t);return`hue-${e%bo}${Math.floor(e/bo)%2?" deep":""}`}function ur(t){let e=2166136261;for(let n=0;n<t.length;n+=1)e=Math.imul(e^t.charCodeAt(n),16777619);return e>>>0}function Ke({held:t,depth:e=0,onWithdrawn:n=()=>{}}){let o=M(null),[s,r]=v(!1),i=t.state==="REJECTED";L(()=>{ae.sent===t.id&&(ae.sent=null,document.activeElement===document.body&&o.current.focus({preventScroll:!0}),B.announce(dr(t)))},[t.id]);let c=async()=>{r(!0),await ae.withdraw(t)&&n(t),r(!1)};return l`<article ref=${o} class="post held" tabindex="-1" style=${{"--depth":e}} data-held=${t.id} data-state=${t.state} aria-label=${a(i?"held.rejectedLabel":"held.label")}>
    <header>
      <${ce} user=${t.author} />
      <p class="byline"><${ze} user=${t.author} /></p>
    </header>
    <div class="content">
      <p class="held-state"><${P} name=${i?"close":"clock"} /><span>${i?Ca(t):dr(t)}</span></p>
      ${t.title&&l`<h3 dir="auto">${t.title}</h3>`}
      <${Te} bodyHtml=${t.bodyHtml} />
    </div>
    <div class="actions">
      ${i?l`<button type="button" class="quiet" data-action="hide-held" onClick=${()=>ae.hide(t)}>${a("page.dismiss")}</button>`:l`<button type="button" class="quiet" data-action="withdraw" disabled=${s} onClick=${c}><${P} name="undo" />${a("held.withdraw")}</button>`}
    </div>
  </article>`}function dr({kind:t,reasons:e}){let n=Ut(e.map(o=>a(`held.${o}`)));return a(t==="EDIT"?"held.editWaits":"held.waits",{why:n})}function Ca({decision:t}){return t?.reason?a("held.wasRejectedFor",{reason:l`<bdi>${t.reason}</bdi>`}):a("held.wasRejected")}var wo="parley:draft:";function Ye(t){return Vt(xe(),wo+t,e=>typeof e?.body=="string")}function lt(t,e){if(!e?.body?.trim()&&!e?.title?.trim()&&!e?.quotes?.length)return He(t),null;try{return xe().setItem(wo+t,JSON.stringify(e)),!0}catch(o){if(o.name!=="QuotaExceededError")throw o;return!1}}function He(t){xe().removeItem(wo+t)}var pr={bold:"**",italic:"_",spoiler:"||"},fr={quote:"> ",list:"- "},Da="https://";function hr(t,e,n,o){if(pr[t])return Ra(pr[t],e,n,o);if(fr[t])return Pa(fr[t],e,n,o);let s=e.slice(n,o);if(t==="code")return Oa(e,n,o);let r=/^https?:\/\/\S+$/.test(s),i=`${t==="picture"?"!":""}[${r?"":s}](`,c=r?s:Da,u=n+i.length,f=r?[u-2,u-2]:[u,u+c.length];return{from:n,to:o,insert:`${i}${c})`,select:f}}function Ra(t,e,n,o){let{length:s}=t;if(e.slice(n-s,n)===t&&e.slice(o,o+s)===t)return{from:n-s,to:o+s,insert:e.slice(n,o),select:[n-s,o-s]};let r=e.slice(n,o);if(!r.trim())return{from:n,to:o,insert:t+t+r,select:[n+s,n+s]};let i=r.replace(/^([^\S\n]*)(\S(?:.*\S)?)([^\S\n]*)$/gm,`$1${t}$2${t}$3`),c=!r.trim().includes(`
`),u=n+r.search(/\S/)+s;return{from:n,to:o,insert:i,select:c?[u,u+r.trim().length]:[n,n+i.length]}}function Pa(t,e,n,o){let s=e.lastIndexOf(`
`,n-1)+1,r=e.indexOf(`
`,o),i=r===-1?e.length:r,c=e.slice(s,i).split(`
`),u=c.every(g=>g.startsWith(t)),f=c.map(g=>u?g.slice(t.length):t+g).join(`
`),p=e.slice(0,s).split(`
`).at(-2)??"",m=!u&&p.trim()&&!p.startsWith(t)?`
`:"",d=m+f,h=s+d.length;return{from:s,to:i,insert:d,select:n===o?[h,h]:[s+m.length,h]}}function Oa(t,e,n){let o=t.slice(e,n),s=Math.max(0,...(o.match(/`+/g)??[]).map(({length:f})=>f));if(o.includes(`
`)){let f="`".repeat(Math.max(3,s+1)),m=`${e>0&&t[e-1]!==`
`?`
`:""}${f}
${o.replace(/\n$/,"")}
${f}${t[n]===`
`||n===t.length?"":`
`}`;return{from:e,to:n,insert:m,select:[e+m.length,e+m.length]}}let r="`".repeat(s+1),i=s?" ":"",c=r+i+o+i+r,u=e+r.length+i.length;return{from:e,to:n,insert:c,select:[u,u+o.length]}}var Xt="parley:keys-off",Aa={j:"keys.next",k:"keys.previous",r:"keys.reply",q:"keys.quote",c:"keys.collapse","/":"keys.search","?":"keys.help",Esc:"keys.close"};function vo({key:t,code:e,shiftKey:n}){let o=/^[a-z]$/i.test(t)?t:/^\p{L}$/u.test(t)&&/^Key([A-Z])$/.exec(e)?.[1]||null;return o?n?null:o.toLowerCase():t}function ut(t){let e=M(t);e.current=t,L(()=>{let n=o=>{if(o.defaultPrevented||o.isComposing||o.ctrlKey||o.metaKey||o.altKey||o.target.closest?.("input, textarea, select, [contenteditable]")||document.querySelector("dialog[open], :popover-open"))return;let s=vo(o);if(s!=="Escape"&&ve.getItem(Xt))return;let r=e.current[s];r&&r()!==!1&&o.preventDefault()};return document.addEventListener("keydown",n),()=>document.removeEventListener("keydown",n)},[])}function mr(){let[t,e]=v(!1);return ut({"?":()=>e(!0),"/":()=>document.querySelector('[role="search"] input')?.focus()}),L(()=>{let n=o=>o.target.closest?.('[data-action="keys"]')&&e(!0);return document.addEventListener("click",n),()=>document.removeEventListener("click",n)},[]),t&&l`<${Ma} onClose=${()=>e(!1)} />`}function Ma({onClose:t}){let[e,n]=v(ve.getItem(Xt)!==null),o=({target:s})=>{s.checked?ve.removeItem(Xt):ve.setItem(Xt,"yes"),n(!s.checked)};return l`<${ke} title=${a("keys.title")} className="keys-dialog" onClose=${t}>
    <dl class="keys-list">
      ${Object.entries(Aa).map(([s,r])=>l`<div key=${s}><dt><kbd>${s}</kbd></dt><dd>${a(r)}</dd></div>`)}
    </dl>
    <label class="keys-switch"><input type="checkbox" checked=${!e} onChange=${o} data-first />${a("keys.use")}</label>
  <//>`}var Na="฀-໿က-႟ក-៿぀-ヿ㐀-䶿一-鿿豈-﫿𠀀-𿿿",La=new RegExp(`(?:(?<![\\p{L}\\p{N}\\p{M}@/.+=&%#$_-])|(?<=[${Na}])(?<!\\p{N})|(?<=(?<!\\S)-))_{0,3}@((?:[\\p{L}\\p{N}][\\p{L}\\p{N}\\p{M}_.‌‍-]*)?)$`,"u");function $r(t,e){let n=La.exec(t.slice(Math.max(0,e-80),e))?.[1];return n===void 0||n.length>40?null:{at:e-n.length-1,word:n}}function gr(t,e){let n=Eo(e),o=/\p{M}/u.test(n)?Eo:r=>Eo(r).replace(/\p{M}/gu,""),s=({handle:r,name:i})=>[r,...i.split(/[\s-]+/u)].some(c=>o(c).startsWith(n));return[...new Map(t.filter(s).map(r=>[r.id,r])).values()]}function yr(t,{at:e,word:n},o){let s=e+1+n.length,r=/^\s/u.test(t.slice(s)),i=e+o.length+2;return{from:e,to:s,insert:`@${o}${r?"":" "}`,select:[i,i]}}function Eo(t){return t.normalize("NFKD").toLowerCase()}var qa=["font","letterSpacing","wordSpacing","lineHeight","padding","textAlign","direction","unicodeBidi","tabSize","overflowWrap","wordBreak"];function br(t,e){let n=getComputedStyle(t),o=t.getBoundingClientRect(),s=document.createElement("div");s.textContent=t.value;for(let c of qa)s.style[c]=n[c];Object.assign(s.style,{position:"fixed",visibility:"hidden",boxSizing:"border-box",whiteSpace:"pre-wrap"}),s.style.width=`${t.clientWidth}px`,s.style.left=`${o.left+t.clientLeft}px`,s.style.top=`${o.top+t.clientTop-t.scrollTop}px`,document.body.append(s);let r=document.createRange();r.setStart(s.firstChild,e),r.setEnd(s.firstChild,e+1);let i=r.getBoundingClientRect();return s.remove(),i}function Zt(t,{from:e,to:n,insert:o,select:s},r){t.focus(),t.setSelectionRange(e,n),(o?document.execCommand("insertText",!1,o):document.execCommand("delete"))||(t.setRangeText(o),r(t.value)),t.setSelectionRange(...s)}var Ha=150,xo=4;function _r(t,{near:e,discussionId:n,apply:o}){let[s,r]=v(null),i=M(null),c=M(null),u=M(null),f=()=>document.getElementById(t),p=()=>{i.current?.abort(),r(null)};L(()=>()=>i.current?.abort(),[]),G(()=>{s&&(u.current.showPopover(),Wa(u.current,f(),s.mention.at))},[s]);let m=(_,x)=>{let b=x.slice(0,6);b.length&&B.announce(a("composer.suggested",{count:b.length})),r(I=>{let K=b.findIndex(({id:R})=>R===I?.users[I.active]?.id);return b.length?{mention:_,users:b,active:K===-1&&_.word?0:K}:null})},d=async _=>{i.current?.abort();let{value:x,selectionStart:b,selectionEnd:I}=f(),K=b===I?$r(x,b):null;if(K?.at!==c.current&&(c.current=null),!K||c.current!==null)return p();let R={...K,isComposed:_},$=gr(e(),R.word);if(m(R,$),!R.word||$.length>=6)return;let{signal:D}=i.current=new AbortController,T=await Fa(R.word,n,D),S=new Map([...$,...T].map(q=>[q.id,q]));return D.aborted?void 0:m(R,[...S.values()])},h=_=>{p(),s.mention.isComposed&&f().blur(),o(yr(f().value,s.mention,_.handle))},g=_=>r({...s,active:(Math.max(s.active,_>0?-1:0)+_+s.users.length)%s.users.length}),E={ArrowDown:()=>g(1),ArrowUp:()=>g(-1),Escape(){c.current=s.mention.at,p()},...s?.active>=0&&{Enter:()=>h(s.users[s.active]),Tab:()=>h(s.users[s.active])}};return{look:d,pressed:_=>!s||_.ctrlKey||_.metaKey||_.altKey||_.shiftKey||!E[_.key]?!1:(_.preventDefault(),E[_.key](),!0),close:p,field:Ba(t,s),list:s&&l`<${Ua} ...${{id:t,list:u,found:s,choose:h}} />`}}function Ba(t,e){return{"aria-autocomplete":"list","aria-haspopup":"listbox","aria-controls":e&&`${t}-people`,"aria-activedescendant":e?.active>=0?`${t}-${e.users[e.active].id}`:null}}function Ua({id:t,list:e,found:n,choose:o}){let s=r=>r.preventDefault();return l`<ul ref=${e} id=${`${t}-people`} popover="manual" class="menu suggestions" role="listbox" aria-label=${a("composer.people")} onMouseDown=${s}>
    ${n.users.map((r,i)=>l`<li key=${r.id} id=${`${t}-${r.id}`} role="option" aria-selected=${i===n.active} onClick=${()=>o(r)}>
      <${ce} user=${r} size="small" /><bdi class="name">${r.name}</bdi> <bdi class="handle">@${r.handle}</bdi>
    </li>`)}
  </ul>`}async function Fa(t,e,n){if(await new Promise(o=>setTimeout(o,Ha)),n.aborted)return[];try{let{people:o}=await y.execute(bt,{query:t,first:6,discussionId:e},{signal:n});return o.filter(({id:s})=>s!==y.viewer?.user.id)}catch(o){if(!(o instanceof _e||o instanceof we))throw o;return n.aborted||console.info("The server suggests nobody:",o.message),[]}}function Wa(t,e,n){let o=br(e,n),{offsetWidth:s,offsetHeight:r}=t,i=getComputedStyle(e).direction==="rtl"?o.right-s:o.left,c=o.bottom+xo+r<=innerHeight;t.style.left=`${Math.max(8,Math.min(i,innerWidth-s-8))}px`,t.style.top=`${Math.max(8,c?o.bottom+xo:o.top-xo-r)}px`}var St=[{name:"bold",label:"composer.bold",key:"b",keys:"B"},{name:"italic",label:"composer.italic",key:"i",keys:"I"},{name:"link",label:"composer.link",key:"k",keys:"K"},{name:"code",label:"composer.code",key:"e",keys:"E"},{name:"quote",label:"composer.quote",key:"Period",shift:!0,keys:"Shift+."},{name:"list",label:"composer.list",key:"Digit8",shift:!0,keys:"Shift+8"},{name:"picture",label:"composer.picture"},{name:"spoiler",label:"composer.spoiler"}],ja=()=>[],So=/^(Mac|iP)/.test(navigator.platform);function dt({id:t,label:e,body:n,caret:o=null,limit:s,preview:r,isSaved:i=null,near:c=ja,discussionId:u=null,onWrite:f,onSend:p,onEscape:m,autofocus:d=!0,rows:h=5}){let g=M(null),[E,w]=v(null);G(()=>{d&&g.current?.focus()},[]),G(()=>{!o||!g.current||(g.current.focus(),g.current.setSelectionRange(o.at,o.at),g.current.scrollTop=g.current.scrollHeight)},[o]);let _=async()=>{let $={isLoading:!0};w($);let D=await y.execute(zn,r()).then(({previewBody:T})=>T,T=>({errors:V(T)}));w(T=>T===$?D:T)},x=$=>Zt(g.current,$,f),b=$=>x(hr($,g.current.value,g.current.selectionStart,g.current.selectionEnd)),I=_r(t,{near:c,discussionId:u,apply:x}),K=$=>{if(!(Ga($)||I.pressed($))){if($.key==="Enter"&&($.ctrlKey||$.metaKey))$.preventDefault(),p();else if($.key==="Escape")m?.();else if(($.ctrlKey||$.metaKey)&&!$.altKey){let D=Va($);if(!D)return;$.preventDefault(),b(D.name)}}},R=s-[...n].length;return l`<div class="editor">
    <div class="tabs">
      <div role="group" aria-label=${a("composer.tabs")}>
        <button type="button" aria-pressed=${E===null} onClick=${()=>w(null)}>${a("composer.write")}</button>
        <button type="button" aria-pressed=${E!==null} disabled=${!n.trim()} onClick=${_}>${a("composer.preview")}</button>
      </div>
      ${E===null&&l`<${za} use=${b} controls=${t} />`}
    </div>
    <label class="unseen" for=${t}>${e}</label>
    <textarea
      ref=${g}
      id=${t}
      dir=${n?"auto":null}
      rows=${h}
      hidden=${E!==null}
      placeholder=${e}
      value=${n}
      ...${I.field}
      onInput=${$=>{f($.target.value),I.look($.isComposing)}}
      onKeyDown=${K}
      onBlur=${I.close}
    ></textarea>
    ${I.list}
    ${E!==null&&l`<div class="preview" role="region" aria-label=${a("composer.preview")} tabindex="0" aria-busy=${!!E.isLoading}>
      ${E.isLoading&&l`<p class="hint">${a("composer.loadingPreview")}</p>`}
      ${E.errors?.map($=>l`<p key=${$.code} class="hint" role="status" data-code=${$.code}>${ie($)}</p>`)}
      ${E.bodyHtml&&l`<${Te} bodyHtml=${E.bodyHtml} />`}
    </div>`}
    <p class="editor-foot">
      <span class="hint">${a("composer.hint",{keys:l`<span><kbd>${So?"⌘":"Ctrl"}</kbd> <kbd>Enter</kbd></span>`})}</span>
      ${i!==null&&l`<span class="saved" role="status" data-saved=${i}>${a(i?"composer.saved":"composer.notSaved")}</span>`}
      ${R<500&&l`<span class=${R<0?"left over":"left"} role="status">${R<0?a("composer.tooLong",{count:-R}):a("composer.left",{count:R})}</span>`}
    </p>
  </div>`}function Ga(t){return t.isComposing||t.keyCode===229}function Va({key:t,code:e,shiftKey:n}){let o=/^\p{L}$/u.test(t)?vo({key:t,code:e}):e;return St.find(({key:s,shift:r=!1})=>s===o&&r===n)}function za({use:t,controls:e}){let[n,o]=v(0),s=i=>{let c=document.documentElement.dir==="rtl"?"ArrowLeft":"ArrowRight",u=document.documentElement.dir==="rtl"?"ArrowRight":"ArrowLeft",f={[c]:n+1,[u]:n-1,Home:0,End:St.length-1};if(!(i.key in f))return;i.preventDefault();let p=(f[i.key]+St.length)%St.length;o(p),i.currentTarget.children[p].focus()},r=i=>i.preventDefault();return l`<div class="toolbar" role="toolbar" aria-label=${a("composer.tools")} aria-controls=${e} onKeyDown=${s} onMouseDown=${r}>
    ${St.map(({name:i,label:c,keys:u},f)=>{let p=u?`${a(c)} (${So?"⌘":"Ctrl"}+${u})`:a(c),m=u&&`${So?"Meta":"Control"}+${u}`;return l`<button key=${i} type="button" class="quiet square" data-tool=${i} tabindex=${f===n?0:-1} aria-label=${a(c)} aria-keyshortcuts=${m} title=${p} onClick=${()=>t(i)}>
        <${P} name=${i} />
      </button>`})}
  </div>`}function wr({post:t,discussionId:e,near:n,onDone:o,onSaved:s}){let r=`edit:${t.id}`,i=t.__typename==="Discussion",[c,u]=v(()=>Ye(r)),[f,p]=v(null),[m,d]=v([]),[h,g]=v(!1),[E,w]=v(c?!0:null);L(()=>{c||_()},[]);async function _(){try{let{node:R}=await y.execute(Kn,{id:t.id});u({body:R.body,title:R.title,version:R.version,key:ue()})}catch(R){d(V(R))}}function x(R){let $={...c,key:ue(),...R};u($),w(lt(r,$))}async function b(R=c){if(!y.viewer)return k.openSignIn(()=>b(R));g(!0),d([]);let $=await I(R);g(!1),d($);let D=$.find(({code:T})=>T==="EDIT_CONFLICT");D&&p(D.current)}async function I({body:R,title:$,version:D,key:T}){let S={body:R,expectedVersion:D,clientMutationId:T};try{let q=i?(await y.execute(no,{input:{...S,discussionId:t.id,title:$}})).editDiscussion:(await y.execute(to,{input:{...S,replyId:t.id}})).editReply;if(!q.errors.length){He(r),q.held?ae.add(q.held):s(q.reply??q.discussion);let A=q.droppedQuoteIds?.length;A&&B.show(a("edit.droppedQuotes",{count:A})),o()}return q.errors}catch(q){return V(q)}}function K(){He(r),o()}if(!c)return l`<div class="editing"><${X} errors=${m} /><p class="hint">${a("edit.loading")}</p></div>`;if(f){let R=$=>(d([]),p(null),x($),$);return l`<div class="editing">
      <${X} errors=${m.filter(({code:$})=>$!=="EDIT_CONFLICT")} />
      <${Ka}
        current=${f}
        mine=${c}
        onMine=${()=>b(R({...c,version:f.version,key:ue()}))}
        onTheirs=${K}
        onMerge=${()=>R({...c,version:f.version})}
      />
    </div>`}return l`<div class="editing" role="group" aria-label=${a("edit.label")}>
    ${t.version>c.version&&l`<p class="notice" role="status">${a("edit.editedMeanwhile")}</p>`}
    ${i&&l`<label class="field">${a("new.titleField")}
      <input dir=${c.title?"auto":null} value=${c.title} maxlength=${k.limits.titleLength} onInput=${R=>x({title:R.target.value})} />
    </label>`}
    <${dt}
      id=${`edit-${t.id}`}
      label=${a("edit.text")}
      body=${c.body}
      isSaved=${E}
      near=${n}
      discussionId=${e}
      rows=${8}
      limit=${i?k.limits.openingPostLength:k.limits.replyLength}
      preview=${()=>({body:c.body,discussionId:e,quotes:[],replyToId:null})}
      onWrite=${R=>x({body:R})}
      onSend=${()=>b()}
      onEscape=${o}
    />
    <${X} errors=${m} />
    <footer>
      <button type="button" onClick=${K}>${Ye(r)?a("edit.discard"):a("page.cancel")}</button>
      <button type="button" class="primary" disabled=${h} onClick=${()=>b()}>${a("edit.save")}</button>
    </footer>
  </div>`}function Ka({current:t,mine:e,onMine:n,onTheirs:o,onMerge:s}){let r=t.state==="DELETED";return l`<section class="conflict" role="alert" aria-label=${a("edit.conflict")}>
    <h3>${a("edit.conflictHeading")}</h3>
    <div class="sides">
      <div class="side" data-side="theirs">
        <h4>${a("edit.current")} <small>${a("edit.currentVersion",{number:t.version})}</small></h4>
        ${r?l`<p>${a("edit.currentDeleted")}</p>`:l`<${Te} bodyHtml=${t.bodyHtml} />`}
      </div>
      <div class="side" data-side="mine">
        <h4>${a("edit.yours")} <small>${a("edit.yoursVersion",{number:e.version})}</small></h4>
        <pre dir="auto" tabindex="0" aria-label=${a("edit.yours")}>${e.body}</pre>
      </div>
    </div>
    <footer>
      <button type="button" onClick=${o}>${a("edit.keepCurrent")}</button>
      ${!r&&l`<button type="button" onClick=${s}>${a("edit.continue")}</button>
        <button type="button" class="primary" onClick=${n}>${a("edit.saveMine")}</button>`}
    </footer>
  </section>`}var Ya=[["year",365.25*86400],["month",30.44*86400],["week",7*86400],["day",86400],["hour",3600],["minute",60]],Qa=new Intl.RelativeTimeFormat(le,{numeric:"auto"}),Ja=new Intl.DateTimeFormat(le,{dateStyle:"full",timeStyle:"medium"}),Xa=2e4;function vr(t,e=Date.now()){let n=(Date.parse(t)-e)/1e3,[o,s]=Ya.find(([,r])=>Math.abs(n)>=r)??[];return o?Qa.format(Math.round(n/s),o):a("time.now")}var Io=new Map;setInterval(()=>{for(let[t,e]of Io){let n=vr(e);t.textContent!==n&&(t.textContent=n)}},Xa);function ye({at:t}){let e=M(null);return G(()=>{let{current:n}=e;return n.textContent=vr(t),Io.set(n,t),()=>Io.delete(n)},[t]),l`<time ref=${e} datetime=${t} title=${Ja.format(new Date(t))}></time>`}var ko=6,Za=0;function Be({button:t,label:e=null,className:n="",menuClass:o="",action:s=null,children:r}){let i=$e(()=>`menu-${Za+=1}`,[]),c=M(null),u=M(null),[f,p]=v(!1);return G(()=>{if(!f)return;let d=requestAnimationFrame(()=>pt(u.current,c.current)),h=()=>{let{top:g,bottom:E}=c.current.getBoundingClientRect();E<0||g>innerHeight?u.current.hidePopover():pt(u.current,c.current)};return addEventListener("scroll",h,{passive:!0}),()=>{cancelAnimationFrame(d),removeEventListener("scroll",h)}},[f]),l`<button type="button" ref=${c} class=${n} data-action=${s} popovertarget=${i} aria-expanded=${f} aria-label=${e} title=${e}>${t}</button>
    <div ref=${u} id=${i} popover="auto" class="menu ${o}" onBeforeToggle=${({newState:d})=>p(d==="open")} onClick=${d=>d.target.closest("button, a")&&u.current?.hidePopover()}>
      ${f&&r}
    </div>`}function pt(t,e){let n=e.getBoundingClientRect(),{offsetWidth:o,offsetHeight:s}=t,i=getComputedStyle(e).direction==="rtl"?n.left:n.right-o,c=n.bottom+ko+s<=innerHeight||n.top<innerHeight/2;t.style.left=`${Math.max(8,Math.min(i,innerWidth-o-8))}px`,t.style.top=`${c?n.bottom+ko:n.top-ko-s}px`}var en=matchMedia("(min-width: 1041px)");function It(){let[t,e]=v(en.matches);return L(()=>{let n=()=>e(en.matches);return en.addEventListener("change",n),()=>en.removeEventListener("change",n)},[]),t}function Er(t,e){return async(n,{isCalm:o=!1}={})=>{let s=t.thread.replies.has(n);try{if(!await t.reach(n))return void ec(t.discussion,n,await t.tombstone(n))}catch(c){return void B.show(ie(V(c)[0]))}let{path:r}=t.thread.replies.get(n);e(c=>new Set([...c].filter(u=>!r.slice(0,-1).includes(u))));let i=()=>o&&s?tn(document.getElementById(`reply-${n}`)):xr(n);requestAnimationFrame(()=>requestAnimationFrame(i))}}function ec(t,e,n){if(!n)return B.show(a("thread.noSuchReply",{number:e}));let o=()=>z.go(`${fe(t)}?root=${e}`),s=n.viewerCanRestore||n.deletion?.body;B.show(a("thread.unlistedReply",{number:e}),s?{label:a("outbox.show"),act:o}:null)}function xr(t,e=3){let n=document.getElementById(`reply-${t}`);if(n){if(n.scrollIntoView({block:"start",behavior:"instant"}),e>1)return void requestAnimationFrame(()=>xr(t,e-1));tn(n),n.classList.remove("found"),requestAnimationFrame(()=>n.classList.add("found"))}}function Sr(t){let e=()=>document.getElementById(`reply-${t}`)?.scrollIntoView({block:"start",behavior:"instant"});requestAnimationFrame(()=>(e(),requestAnimationFrame(e)))}function tn(t){t?.focus({preventScroll:!0}),To(t)}function To(t){t?.scrollIntoView({block:"nearest",behavior:matchMedia("(prefers-reduced-motion: reduce)").matches?"instant":"smooth"})}function Ir({path:t,actions:e}){let n=o=>{let s=o.target.closest("article"),r=t[t.length-1-nn(s)+kr(o,s)];e.toggle({sequence:r}),setTimeout(()=>To(document.getElementById(`reply-${r}`)),0)};return l`<div class="guides" aria-hidden="true" title=${a("post.collapseBranch")} onClick=${n}></div>`}var kt={posts:[],level:-1};function Co(t){if(t&&t.pointerType!=="mouse")return;let e=t?.currentTarget,n=e?t.target.closest(".guides")?kr(t,e):nn(e)-1:-1;if(!(n===kt.level&&kt.posts.includes(e))){for(let o of kt.posts)o.style.removeProperty("--lit");kt={level:n,posts:n<0?[]:tc(e,n)};for(let o of kt.posts)o.style.setProperty("--lit",n)}}function tc(t,e){let n=[t];for(let o of["previousElementSibling","nextElementSibling"])for(let s=t[o];s&&nn(s)>e;s=s[o])n.push(s);return n}function nn(t){return Number(t.style.getPropertyValue("--depth"))}function kr({clientX:t},e){let n=e.querySelector(":scope > .guides").getBoundingClientRect(),o=getComputedStyle(e),s=o.direction==="rtl"?n.right-t:t-n.left;return Math.max(0,Math.min(nn(e)-1,Math.floor(s/Number.parseFloat(o.getPropertyValue("--indent")))))}var nc=864e5,Tr=nt(function({reply:e,depth:n,below:o,number:s,path:r,isNew:i,isEditing:c,heldEdit:u,canWrite:f,actions:p}){let m=M(null),d=e.state==="DELETED";return lc(m,i,()=>p.see(e.sequence)),l`<article
    ref=${m}
    id=${`reply-${e.sequence}`}
    class=${`post ${i?"fresh":""} ${d?"gone":""}`}
    style=${{"--depth":n}}
    tabindex="-1"
    data-sequence=${e.sequence}
    data-depth=${n}
    data-version=${e.version}
    data-state=${e.state}
    aria-label=${d?a("post.replyDeleted",{number:e.sequence}):a("post.replyBy",{number:e.sequence,name:Or(e.author)})}
    onPointerMove=${Co}
    onPointerLeave=${()=>Co(null)}
  >
    ${n>0&&l`<${Ir} path=${e.path} actions=${p} />`}
    <header>
      ${d?l`<span class="avatar hue-none" aria-hidden="true">·</span>`:l`<${Et} user=${e.author} />`}
      <p class="byline">
        ${!d&&l`<${at} user=${e.author} /><${_o} post=${e} />`}
        <a class="when" href=${`${r}#reply-${e.sequence}`}><${ye} at=${e.createdAt} /></a>
        <${Dr} post=${e} />
        ${e.replyTo&&l`<${ac} replyTo=${e.replyTo} ...${{path:r,number:s,actions:p}} />`}
      </p>
      <span class="number" aria-hidden="true">${e.sequence}</span>
    </header>
    <div class="content">
      <${Do} post=${e} number=${s} isEditing=${c} actions=${p} />
      ${u&&l`<${Ke} held=${u} />`}
    </div>
    ${!c&&l`<${Rr} post=${e} canWrite=${f} below=${o} actions=${p} />`}
  </article>`}),Cr=nt(function({discussion:e,isEditing:n,heldEdit:o,canWrite:s,actions:r}){return l`<article
    id="opening"
    class="post opening"
    tabindex="-1"
    data-state=${e.state}
    data-version=${e.version}
    aria-label=${a("post.openingBy",{name:Or(e.author)})}
  >
    <h2 class="unseen">${a("post.opening")}</h2>
    <header>
      <${Et} user=${e.author} size="large" />
      <p class="byline">
        <${at} user=${e.author} />
        <${_o} post=${{...e,byDiscussionAuthor:!1}} />
        <span class="when"><${ye} at=${e.createdAt} /></span>
        <${Dr} post=${e} />
      </p>
    </header>
    <div class="content">
      <${Do} post=${e} number=${e.number} isEditing=${n} actions=${r} />
      ${o&&l`<${Ke} held=${o} />`}
    </div>
    ${!n&&l`<${Rr} post=${e} canWrite=${s} below=${0} actions=${r} />`}
  </article>`});function Do({post:t,number:e,isEditing:n,actions:o}){return n?l`<${wr} post=${t} discussionId=${o.discussionId} near=${o.people} onDone=${()=>o.stopEditing(t)} onSaved=${o.saved} />`:t.state==="DELETED"?l`<${ic} post=${t} actions=${o} />`:l`<${Te} bodyHtml=${t.bodyHtml} quotes=${t.quotes} postId=${t.id} number=${e} />`}var oc={AUTHOR:"post.deletedByAuthor",MODERATOR:"post.deletedByModerator",ERASURE:"post.erased"},sc={AUTHOR:"post.discussionDeletedByAuthor",MODERATOR:"post.discussionDeletedByModerator",ERASURE:"post.discussionErased"},rc=new Intl.DateTimeFormat(le,{dateStyle:"long"});function ic({post:t,actions:e}){let{sequence:n,deletion:o,viewerCanRestore:s}=t,r=s&&k.deletedDays>0&&rc.format(Date.parse(o.at)+k.deletedDays*nc),i=n?oc[o?.by]??"post.deleted":sc[o?.by]??"post.discussionDeleted";return l`<div class="tombstone">
    <p>${a(i)}</p>
    ${o?.reason&&l`<p>${a("post.reason",{reason:l`<bdi>${o.reason}</bdi>`})}</p>`}
    ${o?.body&&l`<details><summary>${a("post.said")}</summary><p class="as-typed" dir="auto">${o.body}</p></details>`}
    ${s&&e&&l`<p>
      ${r&&a("post.restorable",{date:r})}
      <button type="button" class="link" data-action="restore" onClick=${()=>e.restore(t)}>${a("post.restore")}</button>
    </p>`}
  </div>`}function Dr({post:{lastEditedAt:t,state:e}}){return!t||e==="DELETED"?null:l`<span class="edited">${a("post.edited",{time:l`<${ye} at=${t} />`})}</span>`}function ac({replyTo:t,path:e,number:n,actions:o}){let[s,r]=v(null),i=M(null),c=M(null);G(()=>{if(!s)return;c.current.showPopover(),pt(c.current,i.current);let p=()=>r(null);return addEventListener("scroll",p,{passive:!0,once:!0}),()=>removeEventListener("scroll",p)},[s]);let u=()=>r(o.loadedReply(t.sequence)),f=()=>r(null);return l`<a
      ref=${i}
      class="answers"
      href=${`${e}#reply-${t.sequence}`}
      aria-label=${a("post.inReplyTo",{name:t.author?.name??a("post.deletedParent")})}
      onPointerEnter=${({pointerType:p})=>p==="mouse"&&u()}
      onPointerLeave=${f}
      onFocus=${({currentTarget:p})=>p.matches(":focus-visible")&&u()}
      onBlur=${f}
      onClick=${f}
      onKeyDown=${({key:p})=>p==="Escape"&&f()}
      ><${P} name="reply" /><bdi>${t.author?.name??a("post.deletedParent")}</bdi></a
    >
    ${s&&l`<div ref=${c} popover="manual" class="peek" aria-hidden="true">
      <${ze} user=${s.author} /><${Do} post=${s} number=${n} />
    </div>`}`}function Rr({post:t,canWrite:e,below:n,actions:o}){let s=t.state==="VISIBLE",r=[s&&e&&{name:"quote",label:a("post.quote"),icon:"quote",act:()=>o.quote(t)},s&&t.viewerCanEdit&&{name:"edit",label:a("post.edit"),icon:"edit",act:()=>o.edit(t)},s&&t.viewerCanDelete&&{name:"delete",label:a("post.delete"),icon:"trash",act:()=>o.remove(t)},s&&t.viewerCanReport&&{name:"report",label:a("report.action"),icon:"flag",act:()=>o.report(t)},t.descendantCount>0&&!n&&{name:"collapse",label:a("post.collapse"),icon:"fold",act:()=>o.toggle(t)}].filter(Boolean);return l`${n>0&&l`<div class="actions folded">
      <button type="button" class="quiet" data-action="collapse" aria-expanded="false" onClick=${()=>o.toggle(t)}><${P} name="next" />${a("thread.replies",{count:n})}</button>
    </div>`}
    ${(r.length>0||s&&e)&&l`<div class="actions">
      ${s&&e&&l`<button type="button" class="quiet" data-action="reply" onClick=${()=>o.reply(t)}><${P} name="reply" />${a("post.reply")}</button>`}
      <span class="direct">${r.map(({name:i,label:c,icon:u,act:f})=>l`<button key=${i} type="button" class="quiet square" data-action=${i} aria-label=${c} title=${c} onClick=${f}><${P} name=${u} /></button>`)}</span>
      ${r.length>0&&l`<${Be} className="quiet square more" action="more" label=${a("post.moreActions")} button=${l`<${P} name="more" />`}>
        ${r.map(({name:i,label:c,icon:u,act:f})=>l`<button key=${i} type="button" onClick=${f}><${P} name=${u} />${c}</button>`)}
      <//>`}
    </div>`}`}function Pr({entry:t,depth:e,isSending:n,isOfAnotherUser:o,viewer:s,isHeld:r,actions:i}){let c=t.errors.length>0;return l`<article class="post pending" tabindex="-1" style=${{"--depth":e}} data-pending=${t.key} data-refused=${c}
    aria-label=${c?a("outbox.refusedLabel"):a("outbox.pendingLabel")}>
    <header>
      <${ce} user=${t.author} />
      <p class="byline">
        <${ze} user=${t.author} />
        <span class="state" role="status">${cc({entry:t,isSending:n,isOfAnotherUser:o,isHeld:r})}</span>
      </p>
    </header>
    <div class="content">
      ${t.quotes.filter(({isInText:u})=>!u).map(u=>l`<blockquote key=${u.key} class="as-typed" dir="auto">${u.text}</blockquote>`)}
      <p class="post-body as-typed" dir="auto">${t.body}</p>
      <${X} errors=${t.errors} />
    </div>
    <div class="actions">
      ${c&&l`<button type="button" class="quiet" onClick=${()=>i.sendAgain(t)}>${a("page.tryAgain")}</button>`}
      ${o&&s&&l`<button type="button" class="quiet" onClick=${()=>i.adopt(t)}>${a("outbox.sendAs",{name:l`<bdi>${s.user.name}</bdi>`})}</button>`}
      ${o&&!s&&l`<button type="button" class="quiet" onClick=${i.signIn}>${a("outbox.signInToSend")}</button>`}
      ${(c||!n&&!t.tried)&&l`<button type="button" class="quiet" onClick=${()=>i.cancel(t)}>${a("post.edit")}</button>`}
    </div>
  </article>`}function cc({entry:t,isSending:e,isOfAnotherUser:n,isHeld:o}){return t.errors.length?a("outbox.notSent"):n?a("outbox.waitsForSignIn"):e?a("outbox.sending"):o?a("outbox.waitsForConnection"):a("outbox.waits")}function Or(t){return t?.name??a("page.formerMember")}function lc(t,e,n){L(()=>{if(!e)return;let o=new IntersectionObserver(s=>{s.some(({isIntersecting:r})=>r)&&!document.hidden&&n()},{rootMargin:"-64px 0px -64px 0px"});return o.observe(t.current),()=>o.disconnect()},[e])}var Qe=64,uc=10,on=class extends Oe{getSnapshotBeforeUpdate(){let e=sn();return e&&{id:e.id,top:e.getBoundingClientRect().top}}componentDidUpdate(e,n,o){let s=o&&document.getElementById(o.id);if(!s||scrollY===0)return;let r=s.getBoundingClientRect().top-o.top;Math.abs(r)>1&&scrollBy({top:r,behavior:"instant"})}render({rows:e,number:n,path:o,unseen:s,editing:r,heldEdits:i,canWrite:c,actions:u,pendingProps:f,loading:p,loadSubtree:m}){return l`<section class="reply-list" aria-busy=${p.size>0} aria-label=${a("thread.label")}>
      ${e.map(d=>{if(d.entry?.held)return l`<${Ke} key=${d.key} held=${d.entry.held} depth=${d.depth} onWithdrawn=${g=>u.withdrawn(g)} />`;if(d.kind==="pending")return l`<${Pr} key=${d.key} entry=${d.entry} depth=${d.depth} actions=${u} ...${f(d.entry)} />`;if(d.kind==="more")return l`<div key=${d.key} class="more-below" style=${{"--depth":d.depth}}>
            ${d.depth>uc?l`<a href=${`${o}?root=${d.reply.sequence}`} data-branch=${d.reply.sequence}>${a("thread.continueBelow",{count:d.count})}</a>`:l`<button type="button" class="quiet" data-more=${d.reply.sequence} disabled=${p.has(d.reply.sequence)} onClick=${()=>m(d.reply)}>
                  ${a("thread.moreBelow",{count:d.count})}
                </button>`}
          </div>`;let{sequence:h}=d.reply;return l`<${Tr}
          key=${d.key}
          reply=${d.reply}
          depth=${d.depth}
          below=${d.below}
          number=${n}
          path=${o}
          isNew=${s.has(h)}
          isEditing=${r.has(d.reply.id)}
          heldEdit=${i.get(d.reply.id)??null}
          canWrite=${c}
          actions=${u}
        />`})}
    </section>`}};function sn(){let t=document.querySelector(".reply-list");if(!t)return null;let{left:e,width:n}=t.getBoundingClientRect();for(let o of[Qe+8,Qe+48,Qe+120]){let s=document.elementFromPoint(e+n-24,o)?.closest("article[data-sequence]");if(s)return s}return null}function ft(){let t=getSelection();if(!t||t.isCollapsed||!t.rangeCount)return null;let e=t.getRangeAt(0),n=Nr(e.commonAncestorContainer)?.closest(".post-body[data-post]");if(!n)return null;let o=vt(dc(e)).replace(/\n{3,}/g,`

`).trim();return o?{postId:n.dataset.post,text:o,box:e.getBoundingClientRect()}:null}function dc(t){let e=t.cloneContents(),{commonAncestorContainer:n,startContainer:o,startOffset:s}=t,r=[];for(let c=Nr(o).closest("li");c&&c!==n&&n.contains(c);c=c.parentElement.closest("li"))r.unshift(c);let i=e.querySelectorAll("li");return r.forEach((c,u)=>{let f=document.createRange();f.setStart(c,0),f.setEnd(o,s),f.toString().trim()&&delete i[u].dataset.marker}),e}function Mr({onQuote:t}){let[e,n]=v(null);if(L(()=>{let i=null,c=()=>{clearTimeout(i),i=setTimeout(()=>n(ft()),120)},u=()=>n(ft());return document.addEventListener("selectionchange",c),addEventListener("scroll",u,{passive:!0}),()=>{clearTimeout(i),document.removeEventListener("selectionchange",c),removeEventListener("scroll",u)}},[]),ut({Escape:()=>{if(!e)return!1;getSelection().removeAllRanges()}}),!e||e.box.bottom<Qe||e.box.top>innerHeight)return null;let{box:o}=e,s={left:`${Ar(8,o.left+o.width/2-60,innerWidth-150)}px`,top:`${Ar(72,o.bottom+52<innerHeight?o.bottom+8:o.top-48,innerHeight-52)}px`};return l`<button type="button" class="quote-button" style=${s} onPointerDown=${i=>i.preventDefault()} onClick=${()=>{getSelection().removeAllRanges(),n(null),t(e)}}>
    <${P} name="quote" />${a("thread.quoteThis")}
  </button>`}function Ar(t,e,n){return Math.max(t,Math.min(n,e))}function Nr(t){return t.nodeType===Node.ELEMENT_NODE?t:t.parentElement}function Lr(t){let e=()=>t.current,n=o=>s=>new Set([...s].filter(r=>r!==o.id));return{get discussionId(){return e().liveDiscussion.discussion.id},people:()=>e().liveDiscussion.people,loadedReply:o=>e().liveDiscussion.thread.replies.get(o)??null,see:o=>e().liveDiscussion.see(o),reply:o=>e().composerState.open(o.sequence?o:null),quote(o,s=null){let r=s??pc(o);r&&e().composerState.quote(o,r)},edit:o=>e().setEditing(s=>new Set([...s,o.id])),stopEditing(o){e().setEditing(n(o)),requestAnimationFrame(()=>document.getElementById(o.sequence?`reply-${o.sequence}`:"opening")?.focus({preventScroll:!0}))},saved:o=>e().liveDiscussion.thread.update(o),report:o=>e().setReporting(o),remove:o=>e().setRemoving(o),async removed(o,s){let r={...o.sequence?{replyId:o.id}:{discussionId:o.id},reason:s};e().liveDiscussion.thread.keep(o.id);try{let i=await y.execute(o.sequence?oo:so,{input:r}),c=i.deleteReply??i.deleteDiscussion;return e().liveDiscussion.thread.update(c.reply??c.discussion),c.errors}catch(i){return V(i)}},async restore(o){let{liveDiscussion:s}=e(),r=o.sequence?{replyId:o.id}:{discussionId:o.id};try{let i=await y.execute(o.sequence?ro:io,{input:r}),{reply:c,errors:u}=i.restoreReply??i.restoreDiscussion;if(u.length)return B.show(ie(u[0]));c?s.thread.update(c):await s.open(),B.announce(a("post.restored"))}catch(i){B.show(ie(V(i)[0]))}},async lock(o){let s=o.locked?lo:co;try{let{written:r}=await y.execute(s,{input:{discussionId:o.id}});e().liveDiscussion.thread.update(r.discussion),r.errors.length&&B.show(ie(r.errors[0]))}catch(r){B.show(ie(V(r)[0]))}},withdrawn(o){let{composerState:s,liveDiscussion:r}=e(),i=o.replyTo&&r.thread.replies.get(o.replyTo.sequence);o.replyTo&&!i||(s.open(i??null),s.resume({body:o.body,quotes:[]}))},toggle:o=>e().setCollapsed(s=>{let r=new Set(s);return r.delete(o.sequence)||r.add(o.sequence),r}),showMissed(){let{liveDiscussion:o}=e(),[s]=o.missed;o.clearMissed(),z.go(`#reply-${s}`,{instead:!0})},sendAgain:o=>se.again(o.key),adopt:o=>se.adopt(o.key,y.viewer.user),signIn:()=>k.openSignIn(),cancel(o){let{composerState:s}=e();se.settle(o.key),s.open(o.replyTo),s.resume(o)}}}function pc(t){let e=ft();if(e?.postId===t.id)return e.text;let n=document.querySelector(`.post-body[data-post="${t.id}"]`)?.cloneNode(!0);return n?.querySelectorAll("blockquote").forEach(o=>o.remove()),n?vt(n).replace(/\n{3,}/g,`

`).trim():null}function qr({composerState:t,liveDiscussion:e,onSend:n}){Y(t,y);let[o,s]=v([]),r=M(null),{isOpen:i,replyTo:c,quotes:u}=t,f=u.filter(({isInText:g})=>!g);if(L(()=>s([]),[i,c?.id]),G(()=>{let g=i?r.current.offsetHeight:0;return document.documentElement.style.setProperty("--composer",`${g}px`),()=>document.documentElement.style.removeProperty("--composer")},[i,f.length]),!i)return null;let p=()=>{e.stopTyping(),t.close(),document.getElementById(c?`reply-${c.sequence}`:"opening")?.focus({preventScroll:!0})},m=()=>{if(!t.body.trim())return s([{code:"BODY_EMPTY"}]);if(!y.viewer)return k.openSignIn(m);e.stopTyping();let{key:g}=se.add(t.draft,y.viewer.user);t.done(),n(g)},d=l`<bdi>${c?.author?.name??a("page.formerMember")}</bdi>`,h=c&&l`<a href=${`#reply-${c.sequence}`}>${a("quote.reply",{number:c.sequence})}</a>`;return l`<section ref=${r} class="composer" aria-label=${a("composer.label")} data-parent=${c?c.sequence:0}>
    <header>
      <p><${P} name="reply" /><span>${c?a("composer.replyTo",{name:d,post:h}):a("thread.replyToDiscussion")}</span></p>
      <button type="button" class="quiet square" aria-label=${a("composer.closeKeeping")} onClick=${p}><${P} name="close" /></button>
    </header>
    ${f.length>0&&l`<ul class="quote-chips" aria-label=${a("composer.quotes")}>
      ${f.map(g=>l`<${fc} key=${g.key} quote=${g} composerState=${t} />`)}
    </ul>`}
    <${dt}
      key=${c?.id??"opening"}
      id="composer-text"
      label=${a("composer.label")}
      body=${t.body}
      caret=${t.caret}
      limit=${k.limits.replyLength}
      isSaved=${t.isSaved}
      near=${()=>[...c?.author?[c.author]:[],...e.people]}
      discussionId=${t.discussionId}
      preview=${()=>t.preview}
      onWrite=${g=>{t.write(g),e.type()}}
      onSend=${m}
      onEscape=${p}
    />
    <${X} errors=${o} />
    <footer>
      <span class="hint">${y.viewer?a("composer.asUser",{name:l`<bdi>${y.viewer.user.name}</bdi>`}):a("composer.signInFirst")}</span>
      <button type="button" class="primary" onClick=${m}>${a("composer.send")}</button>
    </footer>
  </section>`}function fc({quote:t,composerState:e}){let n=t.name??a("page.somebody"),o=()=>document.getElementById("composer-text"),s=()=>{e.removeQuote(t.key),o().focus()},r=()=>{let{value:i,selectionStart:c}=o(),{body:u,caret:f}=e.moveIntoText(t.key,i,c);Zt(o(),{from:0,to:i.length,insert:u,select:[f,f]},p=>e.write(p))};return l`<li class="quote-chip" data-source=${t.sourceId}>
    <${P} name="quote" /><span class="quote-excerpt"><strong><bdi>${n}</bdi></strong> <bdi>${t.text}</bdi></span>
    <button type="button" class="quiet small" data-action="into-text" onClick=${r}><${P} name="into" /><span>${a("composer.intoText")}</span></button>
    <button type="button" class="quiet square" data-action="remove-quote" aria-label=${a("composer.removeQuote",{name:n})} onClick=${s}><${P} name="close" /></button>
  </li>`}var hc=500;function Hr({post:t,onYes:e,onClose:n}){let[o,s]=v(""),[r,i]=v([]),[c,u]=v(!1),f=t.author?.id===y.viewer?.user.id&&(!!t.sequence||!t.replyCount),p=async()=>{u(!0);let m=await e(o.trim()||null);u(!1),m.length?i(m):n()};return l`<${ke} title=${t.sequence?a("thread.deleteReply",{number:t.sequence}):a("thread.deleteDiscussion")} onClose=${n}>
    <p>${mc(t,f)}</p>
    <p>${$c(f)}</p>
    ${!f&&l`<label class="field"><span>${a("deletion.reason")}</span>
      <input type="text" maxlength=${hc} dir="auto" value=${o} onInput=${m=>s(m.target.value)} />
    </label>`}
    <${X} errors=${r} />
    <footer>
      <button type="button" onClick=${n}>${a("page.cancel")}</button>
      <button type="button" class="danger" disabled=${c} onClick=${p}>${a("post.delete")}</button>
    </footer>
  <//>`}function mc({sequence:t},e){return t?a(e?"deletion.ownReply":"deletion.reply"):a(e?"deletion.ownDiscussion":"deletion.discussion")}function $c(t){let{deletedDays:e}=k;return e?a(t?"deletion.ownDays":"deletion.days",{count:e}):a("deletion.never")}var gc=["SPAM","ABUSE","ILLEGAL","PERSONAL_DATA","OFF_TOPIC","OTHER"],yc=1e3;function Br({post:t,onClose:e}){let[n,o]=v(null),[s,r]=v(""),[i,c]=v([]),[u,f]=v(!1),[p]=v(ue),m=async d=>{d.preventDefault(),f(!0);try{let{reported:h,errors:g}=(await y.execute(ao,{input:{postId:t.id,reason:n,note:s.trim()||null,clientMutationId:p}})).reportPost;c(g),g.length||(e(),B.show(a(h?"report.done":"report.before")))}catch(h){c(V(h))}f(!1)};return l`<${ke} title=${t.sequence?a("report.reply",{number:t.sequence}):a("report.opening")} onClose=${e}>
    <form class="fields" onSubmit=${m}>
      <p class="hint">${a("report.about")}</p>
      <fieldset class="reasons"><legend>${a("report.why")}</legend>
        ${gc.map((d,h)=>l`<label key=${d} class="check"><input type="radio" name="reason" value=${d} required checked=${d===n} data-first=${h===0?"":null} onChange=${()=>o(d)} /><span>${a(`report.${d}`)}</span></label>`)}
      </fieldset>
      <label class="field">${a("report.note")}<textarea name="note" rows="2" maxlength=${yc} dir=${s?"auto":null} value=${s} onInput=${({target:d})=>r(d.value)}></textarea></label>
      <${X} errors=${i} />
      <footer>
        <button type="button" onClick=${e}>${a("page.cancel")}</button>
        <button type="submit" class="primary" disabled=${u||!n}>${a("report.send")}</button>
      </footer>
    </form>
  <//>`}var Ro=document.querySelector("#app main"),bc=location.pathname+location.search,Po=Ro&&{className:Ro.className,__html:Ro.innerHTML};function Ie({children:t=null}){return!Po||location.pathname+location.search!==bc?t:l`<main id="main" class=${Po.className} tabindex="-1" aria-busy="true" dangerouslySetInnerHTML=${Po}></main>`}var Oo=null;function _c(){return Oo??=wc().catch(t=>{throw Oo=null,new _e("The moderators' part of the page can't be loaded.",{cause:t})}),Oo}async function wc(){let[t,e]=await Promise.all([import("./moderate.js"),vc(),Ec()]);return Ns(e),t}async function vc(){let t=await fetch(new URL(`../strings/moderation/${le}.json`,import.meta.url));if(!t.ok)throw new Error(`status ${t.status}`);return t.json()}function Ec(){let t=Object.assign(document.createElement("link"),{rel:"stylesheet",href:new URL("./moderate.css",import.meta.url).href});return new Promise((e,n)=>{t.addEventListener("load",e),t.addEventListener("error",n),document.head.append(t)})}function Tt({part:t,waiting:e=()=>null,...n}){let[o,s]=v(null),[r,i]=v([]),c=()=>{i([]),_c().then(s,u=>i(V(u)))};return L(c,[]),o?l`<${o[t]} ...${n} />`:e(r,c)}function Ur({place:t}){Y(y,k);let{viewer:e}=y;return e?.isModerator?l`<${Tt} part="ModeratePage" place=${t} waiting=${xc} />`:k.isLoaded?l`<${Ue} title=${a("moderate.title")}>
    <p>${a("moderate.about")}</p>
    <p>${e?a("moderate.notModerator",{name:l`<bdi>${e.user.name}</bdi>`}):a("moderate.notSignedIn")}</p>
    ${!e&&l`<button type="button" class="primary" onClick=${()=>k.openSignIn()}>${a("page.signIn")}</button>`}
  <//>`:l`<${Ie}><main id="main" class="page" tabindex="-1" aria-busy="true"><p class="unseen" role="status">${a("page.loading")}</p><${qe} /></main><//>`}function xc(t,e){return l`<main id="main" class="page moderate" tabindex="-1" aria-busy=${!t.length}>
    <h1>${a("moderate.title")}</h1>
    <${X} errors=${t}><button type="button" onClick=${e}>${a("page.tryAgain")}</button><//>
    ${!t.length&&l`<${qe} />`}
  </main>`}var rn=class extends Q{isOpen=!1;replyTo=null;body="";quotes=[];isSaved=null;caret=null;#e=null;constructor(e){super(),this.discussionId=e}open(e){this.#e=`reply:${this.discussionId}:${e?.id??"opening"}`;let n=Ye(this.#e);this.isOpen=!0,this.replyTo=e,this.body=n?.body??"",this.quotes=Array.isArray(n?.quotes)?n.quotes:[],this.isSaved=n?!0:null,this.caret={at:this.body.length},this.notify()}write(e){this.body=e,this.isSaved=lt(this.#e,{body:e,quotes:this.quotes}),this.notify()}quote(e,n){this.isOpen||this.open(e.sequence?e:null);let{id:o,version:s,versionProof:r,author:i}=e,c={key:ue(),sourceId:o,sourceVersion:s,versionProof:r,name:i?.name,text:n,isInText:!1};this.quotes=[...this.quotes,c],this.caret={at:this.body.length},this.write(this.body)}removeQuote(e){this.quotes=this.quotes.filter(n=>n.key!==e),this.write(this.body)}moveIntoText(e,n,o){let s=this.quotes.find(r=>r.key===e);return this.quotes=this.quotes.map(r=>r===s?{...s,isInText:!0}:r),Vs(n,o,js(s.name??"Somebody",s.text))}resume({body:e,quotes:n}){this.quotes=[...this.quotes,...n],this.write([this.body,e].filter(Boolean).join(`

`))}get draft(){let{id:e,sequence:n,depth:o,author:s}=this.replyTo??{};return{discussionId:this.discussionId,replyTo:this.replyTo&&{id:e,sequence:n,depth:o,author:s},body:this.body,quotes:Gs(this.body,this.quotes)}}get preview(){let{discussionId:e,replyTo:n,body:o,quotes:s}=this.draft;return{discussionId:e,body:o,quotes:s.map(jt),replyToId:n?.id??null}}done(){He(this.#e),this.close()}close(){this.isOpen=!1,this.body="",this.quotes=[],this.notify()}};var Sc=500,Ic=["replyCount","participantCount","viewCount","lastActivityAt","eventNumber"];function an(t,e,n="OLDEST"){let o=Math.min(t.length,e.length);for(let s=0;s<o;s+=1)if(t[s]!==e[s])return n==="NEWEST"?e[s]-t[s]:t[s]-e[s];return t.length-e.length}function cn(t,e){return e.length<=t.length&&e.every((n,o)=>n===t[o])}var ln=class extends Q{discussion=null;replies=new Map;inOrder=[];before={more:!1,cursor:null};after={more:!1,cursor:null};#e=null;#t=null;#n=null;#o=new Map;#c=new Map;#r=new Set;#i=[];constructor(e="OLDEST"){super(),this.order=e}get root(){return this.#e&&(this.replies.get(this.#e.sequence)??this.#e)}compare(e,n){return an(e,n,this.order)}clear(){this.discussion=null,this.replies=new Map,this.#o=new Map,this.#c=new Map,this.#i=[]}holds(e){return!this.#e||cn(e,this.#e.path)}replace(e,n,o=null){let s=this.replies;this.#e=o,this.replies=new Map,this.inOrder=[],this.before={more:n.pageInfo.hasPreviousPage,cursor:n.pageInfo.startCursor},this.after={more:n.pageInfo.hasNextPage,cursor:n.pageInfo.endCursor},this.#t=n.edges[0]?.node.path??null,this.#n=n.edges.at(-1)?.node.path??null,this.#b(e);for(let r of[...o?[{node:o,cursor:null}]:[],...n.edges]){let i=s.get(r.node.sequence);i&&this.replies.set(i.sequence,i),this.#p(r,e.eventNumber)}this.inOrder=[...this.replies.values()],this.#a(e.eventNumber),this.notify()}extend(e,n,o){let[s]=n.edges.slice(e==="after"?-1:0);this[e]=e==="after"?{more:n.pageInfo.hasNextPage,cursor:n.pageInfo.endCursor}:{more:n.pageInfo.hasPreviousPage,cursor:n.pageInfo.startCursor},s&&e==="after"&&(this.#n=s.node.path),s&&e==="before"&&(this.#t=s.node.path),this.addSubtree(n,o)}addSubtree(e,n){for(let o of e.edges)this.#p(o,n);this.#a(n),this.notify()}apply(e){let{eventNumber:n}=e,o=this.#i.findLastIndex(s=>s.eventNumber<=n)+1;return this.#i=[...this.#i.slice(0,o),e,...this.#i.slice(o)].slice(-Sc),this.#l(e),this.#a(n),this.notify(),this.replies.has(e.reply?.sequence)}lacks({edges:e=[]}){return e.some(({node:n})=>n.state==="DELETED"&&!this.replies.has(n.sequence))}update(e){e&&this.apply({eventNumber:e.lastEvent,post:e})}keep(e){this.#r.add(e)}count(e){this.#h(e),this.notify()}placeOf(e){return this.before.more&&this.#t&&an(e,this.#t,this.order)<0?"before":this.after.more&&this.#n&&an(e,this.#n,this.order)>0?"after":"inside"}rows({collapsed:e=new Set,pending:n=[]}={}){let o=[],s=({depth:d})=>d-(this.root?.depth??0),r=new Map;for(let{path:d,descendantCount:h}of this.inOrder){let g=d.at(-2);g!==void 0&&r.set(g,(r.get(g)??0)+1+h)}let i=Tc(n,kc),c=[],u=d=>{for(let h of i.get(d.sequence)??[])o.push({kind:"pending",key:`pending-${h.key}`,entry:h,depth:s(d)+1});i.delete(d.sequence)},f=d=>{let h=d.descendantCount-(r.get(d.sequence)??0);h>0&&!this.#d(d)&&o.push({kind:"more",key:`more-${d.sequence}`,reply:d,count:h,depth:s(d)+1}),u(d)},p=null;for(let d of this.inOrder){if(p&&cn(d.path,p))continue;for(p=null;c.length&&!cn(d.path,c.at(-1).path);)f(c.pop());let h=e.has(d.sequence)&&d.descendantCount>0;o.push({kind:"reply",key:d.sequence,reply:d,depth:s(d),below:h?d.descendantCount:0}),h?p=d.path:c.push(d),!h&&this.order==="NEWEST"&&u(d)}for(;c.length;)f(c.pop());let m=[...i.values()].flat().map(d=>({kind:"pending",key:`pending-${d.key}`,entry:d,depth:d.replyTo?Math.max(0,s(d.replyTo)+1):0}));return this.order==="NEWEST"?[...m,...o]:[...o,...m]}#d(e){return this.after.more&&this.#n!==null&&cn(this.#n,e.path)}#a(e){for(let n of this.#i)n.eventNumber>e&&this.#l(n)}#l({eventNumber:e,discussion:n,reply:o,post:s=o,edge:r,ancestors:i=o?.ancestors??[],unlisted:c=[]}){n&&this.#h(n),s?.__typename==="Discussion"?this.#b(s):s&&this.replies.has(s.sequence)&&this.#p({node:s},e);for(let u of i)this.#g(u,e);r&&this.#u(o.path)&&this.#p({cursor:r.cursor,node:o},e);for(let u of c)this.#m(u)}#u(e){let n=e.at(-2);return this.placeOf(e)==="inside"&&(n===void 0?!this.#e:this.replies.has(n))}#p({cursor:e,node:n},o){let{ancestors:s,replyCount:r,descendantCount:i,...c}=n,u=this.replies.get(n.sequence);u||this.#o.delete(n.id);let f=this.#$(n.id,o)?n:u,p={...u&&Fr(c,u)?u:c,cursor:e??u?.cursor,replyCount:f.replyCount,descendantCount:f.descendantCount};this.#c.set(n.id,n.sequence),!(u&&Wr(u,p))&&(this.replies.set(n.sequence,p),this.#f(p,!!u),u&&u.state!==p.state&&this.#s(p))}#s({sequence:e,author:n}){for(let o of this.inOrder){if(o.replyTo?.sequence!==e)continue;let s={...o,replyTo:{...o.replyTo,author:n&&{name:n.name}}};this.replies.set(o.sequence,s),this.#f(s,!0)}}#f(e,n){let[o,s]=[0,this.inOrder.length];for(;o<s;){let r=o+s>>1;an(this.inOrder[r].path,e.path,this.order)<0?o=r+1:s=r}this.inOrder=[...this.inOrder.slice(0,o),e,...this.inOrder.slice(o+(n?1:0))]}#m(e){let n=this.#c.get(e);n===void 0||n===this.#e?.sequence||this.#r.has(e)||(this.replies.delete(n),this.inOrder=this.inOrder.filter(o=>o.sequence!==n),this.#o.delete(e),this.#c.delete(e))}#g({id:e,replyCount:n,descendantCount:o},s){let r=this.replies.get(this.#c.get(e));if(!r||!this.#$(e,s)||r.replyCount===n&&r.descendantCount===o)return;let i={...r,replyCount:n,descendantCount:o};this.replies.set(r.sequence,i),this.#f(i,!0)}#$(e,n){return n<this.#o.get(e)?!1:(this.#o.set(e,n),!0)}#b({thread:e,eventCursor:n,...o}){let s=this.discussion;s?Fr(o,s)||this.#v({...o,...jr(s)}):this.discussion=o,this.#h(o)}#h(e){let n=this.discussion;n&&!(e.eventNumber<n.eventNumber)&&this.#v({...n,...jr(e)})}#v(e){Wr(this.discussion,e)||(this.discussion=e)}};function Fr(t,e){return t.lastEvent<e.lastEvent}function Wr(t,e){return JSON.stringify(t)===JSON.stringify(e)}function jr(t){return Object.fromEntries(Ic.filter(e=>e in t).map(e=>[e,t[e]]))}function kc(t){return t.replyTo?.sequence??null}function Tc(t,e){let n=new Map;for(let o of t)n.set(e(o),[...n.get(e(o))??[],o]);return n}var un=50,Cc=60,Dc=15e3,Rc=6e3,ht=5,Pc=new Set(["RESTORED","ERASED","RENDERED"]),dn=class extends Q{state="loading";follower=null;presence=null;missed=[];unseen=new Map;loading=new Set;topSequence=()=>null;#e=new Map;#t;#n;#o;#c=[];#r=0;#i=null;#d=()=>{};#a=[];#l=!1;#u=!1;constructor(e,{session:n,connection:o,outbox:s,order:r="OLDEST",root:i=null}){super(),this.number=e,this.root=i,this.thread=new ln(r),this.#t=n,this.#n=o,this.#o=s,this.onArrived=()=>{},this.#c.push(this.thread.subscribe(()=>this.notify()),s.subscribe(()=>this.notify()),o.subscribe(()=>this.#S())),this.onOwnReply=()=>{},s.onSent=(c,u)=>this.#_(c,u)}get discussion(){return this.thread.discussion}get pending(){return this.discussion?this.#o.of(this.discussion.id):[]}get people(){return[...[...this.thread.replies.values()].sort((o,s)=>s.sequence-o.sequence).map(({author:o})=>o),this.discussion.author,...this.presence?.readers??[]].filter(o=>o&&o.id!==this.#t.viewer?.user.id)}async open(e=null){this.#E(),this.state="loading",this.notify();try{let n=await this.#p(e);if(this.#l||n===null)return;this.#h(n),this.#y(),this.#x()}catch(n){if(this.#l)return;this.state="unreachable",this.error=n,this.notify()}}close(){this.#l=!0,this.#E();for(let e of this.#c)e()}async reach(e){if(this.thread.replies.has(e))return!0;let{root:n}=this.thread,o=await this.#m(e,null,n);return o?.thread?(this.#f(o,n),this.thread.replies.has(e)):!1}async tombstone(e){let n=await this.#$(e);return n?.state==="DELETED"?n:null}async more(e){let n=this.thread[e];if(!n.more||this.loading.has(e))return;let o=e==="after"?{first:un,after:n.cursor}:{last:un,before:n.cursor},{root:s}=this.thread;await this.#b(e,{...o,root:s?.id,maxDepth:s?null:ht},(r,i)=>{this.thread[e]===n&&this.thread.extend(e,r,i)})}async loadSubtree(e){let n=this.#e.get(e.sequence);await this.#b(e.sequence,{root:e.id,first:un,after:n},(o,s)=>{let{hasNextPage:r,endCursor:i}=o.pageInfo,c=r?o.edges.at(-1).node.path.slice(e.path.length-1):[];for(let u of c)this.#e.set(u,i);this.thread.addSubtree(o,s)})}type(){let e=Date.now()<this.#r;this.#r=Date.now()+Rc,e||this.#w()}stopTyping(){Date.now()>=this.#r||(this.#r=0,this.#w())}see(e){this.unseen.delete(e)&&this.notify()}clearMissed(){this.missed=[],this.notify()}async#p(e){let n=await this.#g(),o=(this.thread.replies.get(e)?.depth??ht+1)<=ht,s=await this.#m(e,e===null||o?ht:null,n);return s&&!s.thread&&(s=await this.#m(null,ht,n)),this.#l?null:(this.state=s?"shown":"missing",s&&(this.thread.clear(),this.#f(s,n)),this.notify(),s?.eventCursor??null)}async#s(){let e=await this.#g(),n=await this.#m(this.topSequence(),ht,e);n?.thread&&!this.#l&&this.#f(n,e)}#f(e,n){this.#e.clear(),this.thread.replace(e,e.thread,n)}async#m(e,n,o){let s=e===null?un:Cc,r={number:this.number,around:e,first:s,maxDepth:o?null:n,root:o?.id,order:this.thread.order};return(await this.#t.execute(Bn,r)).discussion}async#g(){return this.root===null?null:this.#$(this.root)}async#$(e){let{discussion:n}=await this.#t.execute(Un,{number:this.number,sequence:e});return n?.reply??null}async#b(e,n,o){this.loading.add(e),this.notify();try{let{discussion:s}=await this.#t.execute(Fn,{number:this.number,order:this.thread.order,...n});s?.thread&&o(s.thread,s.eventNumber)}finally{this.loading.delete(e),this.notify()}}#h(e){this.follower=new Ce(this.#n,{query:Wn,field:"discussionEvents",variables:{discussionId:this.discussion.id},cursor:e,handle:(n,o)=>this.#v(n,o),resync:()=>this.#p(this.topSequence())}),this.follower.subscribe(()=>this.notify())}#v(e,n){let o=[],s=!1;e.forEach((r,i)=>{if(r.__typename==="CaughtUp"&&(this.missed=[...this.missed,...this.#a],this.#a=[]),!r.discussion)return;let{reply:c}=r,u=r.__typename==="ReplyAdded"&&c.state==="VISIBLE"&&!this.thread.replies.has(c.sequence);this.thread.apply(r),r.clientMutationId&&this.#o.settle(r.clientMutationId),c?.state==="DELETED"&&this.unseen.delete(c.sequence),s||=this.thread.lacks(r)||(r.changes??[]).some(f=>Pc.has(f)),!(!u||!this.thread.holds(c.path))&&c.author?.id!==this.#t.viewer?.user.id&&(i<n&&this.#a.push(c.sequence),o.push(c),this.unseen.set(c.sequence,c))}),o.length&&this.onArrived(o),s&&this.#s().catch(r=>console.info("The thread could not be loaded again:",r.message)),this.notify()}#_({reply:e,edge:n},o){o.discussionId===this.discussion?.id&&this.onOwnReply(e,this.thread.apply({eventNumber:e.lastEvent,reply:e,edge:n}),o)}#y(){this.#n.hasFewConnections||(this.#u=!0,this.#d=this.#n.follow(jn,{variables:()=>({discussionId:this.discussion.id}),next:({presence:e})=>{this.presence=e,this.notify()},failed:()=>this.#u=!1,ended:()=>this.#u=!1})),this.#w()}#w(){if(clearTimeout(this.#i),this.#l||!this.discussion)return;let e=Date.now()<this.#r,n={discussionId:this.discussion.id,typing:e};(!document.hidden||e)&&this.#n.send(Gn,{input:n}),this.#i=setTimeout(()=>this.#w(),e?Math.max(500,this.#r-Date.now()):Dc)}#S(){this.#u&&this.#n.hasFewConnections&&(this.#u=!1,this.#d()),this.#n.state!=="open"?this.presence=null:this.follower&&!this.#u?this.#y():this.#w(),this.notify()}async#x(){try{let{recordView:e}=await this.#t.execute(Vn,{input:{discussionId:this.discussion.id}});e.discussion&&this.thread.count(e.discussion)}catch(e){console.info("The view was not counted:",e.message)}}#E(){clearTimeout(this.#i),this.#d(),this.follower?.stop(),this.follower=null}};function Gr({liveDiscussion:t,onGo:e}){let[,n]=v(0),o=t.unseen.size>0;if(L(()=>{if(!o)return;let i=0,c=()=>{i||=requestAnimationFrame(()=>{i=0,n(u=>u+1)})};return addEventListener("scroll",c,{passive:!0}),()=>{removeEventListener("scroll",c),cancelAnimationFrame(i)}},[o]),!o)return null;let{above:s,below:r}=Oc(t);return l`<div class="new-replies">
    ${s.length>0&&l`<button type="button" class="new-replies-button" data-side="above" onClick=${()=>e(s.at(-1).sequence)}>
      <${P} name="up" />${a("thread.newAbove",{count:s.length})}
    </button>`}
    ${r.length>0&&l`<button type="button" class="new-replies-button" data-side="below" onClick=${()=>e(r[0].sequence)}>
      <${P} name="down" />${a("thread.newBelow",{count:r.length})}
    </button>`}
  </div>`}function Oc({unseen:t,thread:e}){let n=[],o=[],s=[...t.values()].sort((r,i)=>e.compare(r.path,i.path));for(let r of s){let c=document.getElementById(`reply-${r.sequence}`)?.getBoundingClientRect();c?c.bottom<64?n.push(r):c.top>innerHeight-64&&o.push(r):(e.placeOf(r.path)==="before"?n:o).push(r)}return{above:n,below:o}}var Ac=2e3;function Ao(t){return y.isDisconnected?"disconnected":!t||t.state==="ended"?t?"ended":"connecting":t.state!=="connecting"?t.state:Vr()?"offline":"connecting"}function Vr(){return Z.state==="waiting"||!navigator.onLine}var zr={live:()=>[a("connection.live"),a("connection.liveHint")],replaying:()=>[a("connection.replaying"),a("connection.replayingHint")],connecting:()=>[a("connection.connecting"),a("connection.connectingHint")],offline:()=>[a("connection.offline"),a("connection.offlineHint")],disconnected:()=>[a("connection.disconnected"),a("connection.disconnectedHint")],ended:()=>[a("connection.ended"),a("connection.endedHint")]};function Ct({follower:t,liveHint:e=a("connection.liveHint")}){Y(Z,y,t);let n=Ao(t),[o,s]=n==="live"?[a("connection.live"),e]:zr[n]();return l`<span class="badge" role="status" data-connection=${n} title=${s}><i aria-hidden="true"></i>${o}</span>`}function Mo({follower:t}){let[e,n]=v(!1);Y(Z,y,t);let o=Ao(t)==="live";return L(()=>{let s=o?null:setTimeout(()=>n(!0),Ac);return()=>{clearTimeout(s),n(!1)}},[o]),o||!e||!t?.asOf?null:l`<span class="as-of">${a("connection.asOf",{time:l`<${ye} at=${new Date(t.asOf).toISOString()} />`})}</span>`}function Kr({follower:t}){return Y(Z,y,t),l`<p class="hint">${zr[Ao(t)]()[1]}</p>`}function Yr(){Y(Z,y);let{isDisconnected:t}=y;return!t&&!Vr()?null:l`<div class="lost" role="status">
    <p>${t?a("connection.disconnectedHint"):a("connection.offlineHint")}</p>
    <button type="button" class="primary small" data-action="reconnect" onClick=${()=>Z.reconnect()}>
      ${t?a("connection.reconnect"):a("connection.tryNow")}
    </button>
  </div>`}function Qr({liveDiscussion:t,actions:e}){let{discussion:n,missed:o,follower:s}=t,r=It(),{replyCount:i,participantCount:c}=n,u=l`<${Ct} follower=${s} />
    <span data-count="replies" data-value=${i}>${i?a("thread.replies",{count:i}):a("thread.noReplies")}</span>
    <span data-count="people" data-value=${c}>${a("list.people",{count:c})}</span>`;return l`${r?l`<p key="wide" class="status-line">${u}</p>`:l`<button key="narrow" type="button" class="status-line" data-action="about" popovertarget="about">${u}<${P} name="next" /></button>`}
    ${o.length>0&&l`<p class="missed" role="status"><button type="button" class="link" onClick=${()=>e.showMissed()}>${a("connection.missed",{count:o.length})}</button></p>`}`}function Jr({liveDiscussion:t,order:e,setOrder:n,actions:o}){let{discussion:s,presence:r,follower:i}=t,c=It(),u={OLDEST:a("sidebar.oldest"),NEWEST:a("sidebar.newest")};return l`<aside key=${c} id="about" class="rail sidebar" ...${c?{}:{popover:"auto"}} aria-label=${a("sidebar.label")}>
    ${!c&&l`<${Kr} follower=${i} />`}
    <section class="presence" aria-label=${a("sidebar.readers")}>
      <h2>${a("sidebar.readingNow")} <span data-readers>${r?ot(r.readerCount):"–"}</span></h2>
      <div class="faces">${r?.readers.map(f=>l`<span key=${f.id} class="face"><${ce} user=${f} size="small" /><bdi>${f.name}</bdi></span>`)}</div>
    </section>
    <section aria-label=${a("sidebar.order")}>
      <h2>${a("sidebar.order")}</h2>
      <div class="choice" role="group" aria-label=${a("sidebar.order")}>
        ${Object.entries(u).map(([f,p])=>l`<button key=${f} type="button" data-order=${f} aria-pressed=${e===f} onClick=${()=>n(f)}>${p}</button>`)}
      </div>
    </section>
    <p class="sidebar-foot">
      <span data-count="views" data-value=${s.viewCount}>${a("sidebar.views",{count:s.viewCount})}</span>
      <a href=${`/d/${s.number}/feed.atom`} download>${a("sidebar.feed")}</a>
      <button type="button" class="link" data-action="keys">${a("keys.title")}</button>
    </p>
  </aside>`}function Xr({discussion:t,actions:e}){let{viewer:n}=y;return l`<div class="reply-bar">
    <button type="button" data-action="reply-opening" onClick=${()=>e.reply(t)}>
      ${n?l`<${ce} user=${n.user} />`:l`<${P} name="reply" />`}${a("thread.replyToDiscussion")}
    </button>
  </div>`}function Zr({presence:t}){let e=t?.typing.filter(({id:n})=>n!==y.viewer?.user.id)??[];return l`<p class="typing" data-typing=${e.length}>
    ${e.length>0&&l`<i aria-hidden="true"></i><span>${Mc(e)}</span>`}
  </p>`}function Mc(t){let e=l`<${lr} users=${t} />`;return a("thread.typing",{names:e,count:t.length})}function ti({liveDiscussion:t,composerState:e,actions:n,canWrite:o,quoteSelection:s}){let{discussion:r,thread:i}=t,c=()=>{let f=document.activeElement.closest("article");return f?f.id==="opening"?r:i.replies.get(Number(f.dataset.sequence))??null:null},u=f=>o&&f?.state==="VISIBLE";ut({j:()=>ei(1),k:()=>ei(-1),r:()=>{let f=c()??r;if(!u(f))return!1;n.reply(f)},q:()=>{let f=ft(),p=c();if(o&&f)s(f);else if(u(p))n.quote(p);else return!1},c:()=>{let f=c();if(!f?.descendantCount)return!1;n.toggle(f)},Escape:()=>{if(!e.isOpen)return!1;e.close()}})}function ei(t){let e=[...document.querySelectorAll("main.thread article.post:not(.pending)")],n=e.indexOf(document.activeElement.closest("article")),o=c=>c.getBoundingClientRect().top>=Qe-1,s=e.findIndex(o),r=s===-1?e.length:s,i=n===-1?e[t===1?r:r-1]:e[n+t];if(!i)return!1;i.focus({preventScroll:!0}),i.scrollIntoView({block:"nearest",behavior:"instant"})}var Nc=1500;function ni(t,{after:e=setTimeout}={}){let n=[];return o=>{n.length||e(()=>{t(Lc(n)),n=[]},Nc),n=[...n,...o]}}function Lc(t){let e=qc([...new Set(t.map(({author:n})=>n?.name??a("page.formerMember")))]);return t.length===1?a("thread.newReplyBy",{names:e}):a("thread.newRepliesBy",{count:t.length,names:e})}function qc([t,e,...n]){return e===void 0?t:n.length?a("names.more",{first:t,second:e,count:n.length}):a("names.two",{first:t,second:e})}var Hc=1e4;function si({number:t,sequence:e,root:n}){let[o,s]=v("OLDEST"),r=$e(()=>new dn(t,{session:y,connection:Z,outbox:se,order:o,root:n}),[t,o,n]);Y(r,y,se),Uc(r,e);let{state:i,discussion:c}=r;return Fc(c,r.unseen.size),i==="missing"?l`<${Ue} title=${a("thread.missing")}><p>${a("thread.missingHint")}</p><//>`:i==="unreachable"?l`<${Ue} title=${a("thread.unreachable")}>
      <p>${ie(V(r.error)[0])}</p>
      <button type="button" class="primary" onClick=${()=>r.open(e||null)}>${a("page.tryAgain")}</button>
    <//>`:c?l`<${Bc} key=${c.id} ...${{liveDiscussion:r,sequence:e,order:o,setOrder:s}} />`:l`<${Ie}><main id="main" class="page" tabindex="-1" aria-busy="true"><p class="unseen" role="status">${a("page.loading")}</p><${qe} /></main><//>`}function Bc({liveDiscussion:t,sequence:e,order:n,setOrder:o}){let{discussion:s,thread:r}=t,i=$e(()=>new rn(s.id),[s.id]),[c,u]=v(new Set),[f,p]=v(new Set),[m,d]=v(null),[h,g]=v(null),E=M({});E.current={liveDiscussion:t,composerState:i,setCollapsed:u,setEditing:p,setRemoving:d,setReporting:g};let w=$e(()=>Lr(E),[t]),_=Er(t,u);Y(ae);let x=fe(s),b=s.state==="DELETED",I=!b&&!y.suspension&&(!s.locked||!!s.viewerCanReply),K=r.rows({collapsed:c,pending:[...t.pending,...ae.entriesOf(s.id)]}),R=ae.edits;t.topSequence=()=>Number(sn()?.dataset.sequence)||null,t.onOwnReply=(S,q,A)=>{let H=document.activeElement;(H===document.body||H.dataset.pending===A.key)&&Date.now()-Date.parse(A.at)<Hc?(B.announce(a("outbox.posted")),_(S.sequence,{isCalm:!0})):q?B.announce(a("outbox.posted")):B.show(a("outbox.posted"),{label:a("outbox.show"),act:()=>_(S.sequence)})},L(()=>{e&&_(e)},[e,z.revision]);let $=S=>({isSending:se.isSending(S),isOfAnotherUser:se.isOfAnotherUser(S),viewer:y.viewer,isHeld:y.isDisconnected||Z.state!=="open"}),D=S=>{let{replyTo:q}=t.pending.find(C=>C.key===S)??{},A=q&&r.replies.get(q.sequence);A&&u(C=>new Set([...C].filter(F=>!A.path.includes(F)))),(q?!!A:!r[n==="NEWEST"?"before":"after"].more)?setTimeout(()=>tn(document.querySelector(`[data-pending="${S}"]`)),0):B.show(a(n==="NEWEST"?"outbox.atTheStart":"outbox.atTheEnd"))};ti({liveDiscussion:t,composerState:i,actions:w,canWrite:I,quoteSelection:S=>T(S)});let T=({postId:S,text:q})=>{let A=S===s.id?s:[...r.replies.values()].find(({id:H})=>H===S);A&&w.quote(A,q)};return l`<main id="main" class="page thread" tabindex="-1" data-discussion=${s.number}>
    <div class="head title">
      <div class="crumbs">
        <a href="/">${a("page.allDiscussions")}</a>
        ${s.category&&l`<a href=${`/?category=${s.category.slug}`}><${ct} category=${s.category} /></a>`}
        ${y.viewer?.isModerator&&!b&&l`<${Tt} part="DiscussionMenu" discussion=${s} actions=${w} />`}
      </div>
      <h1 dir="auto">${b?a("thread.deleted"):s.title}</h1>
      <${Qr} liveDiscussion=${t} actions=${w} />
      ${s.locked&&l`<p class="notice locked"><${P} name="lock" />${a("thread.lockedNotice")}</p>`}
      ${b&&r.inOrder.some(({state:S})=>S==="VISIBLE")&&l`<p class="notice">${a("thread.deletedNotice")}</p>`}
    </div>
    <${Jr} ...${{liveDiscussion:t,order:n,setOrder:o,actions:w}} />
    <div class="column">
      ${r.root?l`<p class="branch"><a href=${`${x}#reply-${r.root.sequence}`} data-action="whole"><${P} name="up" />${a("thread.wholeDiscussion")}</a></p>`:l`<${Cr} discussion=${s} isEditing=${f.has(s.id)} heldEdit=${R.get(s.id)??null} canWrite=${I} actions=${w} />`}
      <h2 class="replies-heading">${Wc(r.root?r.root.descendantCount:s.replyCount)}</h2>
      <${oi} side="before" liveDiscussion=${t} />
      <${on}
        rows=${K}
        number=${s.number}
        path=${x}
        unseen=${t.unseen}
        editing=${f}
        heldEdits=${R}
        canWrite=${I}
        actions=${w}
        pendingProps=${$}
        loading=${t.loading}
        loadSubtree=${S=>No(t.loadSubtree(S))}
      />
      <${oi} side="after" liveDiscussion=${t} />
      <${Zr} presence=${t.presence} />
      ${I&&l`<${Xr} discussion=${s} actions=${w} />`}
    </div>
    <${Gr} liveDiscussion=${t} onGo=${_} />
    <${Mr} onQuote=${I?T:()=>{}} />
    <${qr} composerState=${i} liveDiscussion=${t} onSend=${D} />
    ${m&&l`<${Hr} post=${m} onYes=${S=>w.removed(m,S)} onClose=${()=>d(null)} />`}
    ${h&&l`<${Br} post=${h} onClose=${()=>g(null)} />`}
  </main>`}function oi({side:t,liveDiscussion:e}){let n=M(null),{more:o}=e.thread[t];return L(()=>{if(!o)return;let s=new IntersectionObserver(([{isIntersecting:r}])=>r&&No(e.more(t)),{rootMargin:"900px 0px"});return s.observe(n.current),()=>s.disconnect()},[o,e.thread[t]]),o?l`<div ref=${n} class="sentinel" data-side=${t}>
    <button type="button" class="quiet" onClick=${()=>No(e.more(t))}>${a(t==="after"?"thread.moreReplies":"thread.earlierReplies")}</button>
  </div>`:null}function Uc(t,e){G(()=>{t.onArrived=ni(r=>B.announce(r));let s=e?null:z.restored?.reply;return t.open(e||s||null).then(()=>{s&&Sr(s),t.root&&t.discussion&&!t.thread.root&&B.show(a("thread.noSuchReply",{number:t.root}))}),z.saveView=()=>({scroll:scrollY,reply:Number(sn()?.dataset.sequence)||null}),()=>{z.saveView=()=>({scroll:scrollY}),t.close()}},[t]);let n=y.rights,o=M(n);L(()=>{o.current!==n&&(o.current=n,Z.renew(),t.discussion&&t.open(t.topSequence()))},[n])}function No(t){t.catch(e=>B.show(ie(V(e)[0])))}function Fc(t,e){G(()=>{t&&(document.title=`${e?`(${e}) `:""}${t.title} · ${k.name}`)},[t?.title,e])}function Ue({title:t,children:e}){return G(()=>{document.title=`${t} · ${k.name}`},[t]),l`<main id="main" class="page empty" tabindex="-1">
    <h1>${t}</h1>
    ${e}
    <p><a class="button" href="/">${a("page.allDiscussions")}</a></p>
  </main>`}function Wc(t){return t?a("thread.replies",{count:t}):a("thread.noReplies")}var jc=2500,Gc=500,Vc=new Set(["DiscussionStarted","ReplyAdded","ReplyDeleted","ReplyRestored","DiscussionUpdated"]),zc=2**52,Kc={LAST_ACTIVITY_AT:({lastActivityAt:t})=>Date.parse(t),CREATED_AT:Ho,REPLY_COUNT:({replyCount:t})=>t},Lo=new Map;function ii({categoryId:t,field:e}){let n=JSON.stringify([t,e]);return Lo.has(n)||Lo.set(n,new qo({categoryId:t,field:e})),Lo.get(n)}var qo=class extends Q{nodes=[];errors=[];fresh=new Set;hasMore=!1;isLoading=!0;follower=null;#e;#t;#n;#o;#c=null;#r=null;#i=null;#d=0;#a=new Map;#l=new Set;#u=0;#p=null;#s=new Map;constructor({categoryId:e,field:n}){super(),this.#e=e,this.#t=e?{categoryId:e}:null,this.#n=n,this.#o=o=>Kc[n](o)+(o.pinned?zc:0)}get pending(){let e=[...this.#a.values()],n=e.filter(r=>Ho(r)>this.#u).length,o=this.#E(this.nodes),s=this.nodes.filter((r,i)=>this.#l.has(r.id)&&(o[i]!==r||!this.#y(r))).length;return{started:n,updated:e.length-n+s}}async open({keepsPlaces:e=!1}={}){this.close();let n=this.#d;if(this.nodes.length>0&&this.#r!==null||await this.#f(null),this.#r===null||n!==this.#d)return;let s=new Ce(Z,{query:Hn,field:"feed",variables:{filter:this.#t},cursor:this.#r,asOf:this.#i,handle:r=>this.#h(r),resync:()=>this.#b()});if(this.follower=s,!e){let r=s.subscribe(()=>{s.state==="live"&&(r(),this.show())})}this.notify()}close(){this.#d+=1,this.#i=this.follower?.asOf??this.#i,this.follower?.stop(),this.follower=null}async more(){!this.isLoading&&this.hasMore&&await this.#f(this.#c)}show(){for(let o of[...this.#a.keys(),...this.#l])this.#I(o);let e=this.#p,n=[...this.nodes,...this.#a.values()];if(e){this.#g(e);let o=this.#o(e.nodes.at(-1));n=[...this.#a.values()].filter(s=>this.#o(s)>=o)}this.nodes=this.#E(n.filter(o=>this.#y(o))),this.#$(),this.notify()}async#f(e){this.isLoading=!0,this.errors=[];let n=this.#d;this.notify();try{let{discussions:o,feedCursor:s}=await this.#m(e);if(n!==this.#d)return;if(this.#g(o),e){let r=new Set(this.nodes.map(({id:c})=>c)),i=o.nodes.filter(({id:c})=>!r.has(c));for(let{id:c}of i)this.#a.delete(c);this.nodes=[...this.nodes,...i],this.#_(i.map(({id:c})=>this.#s.get(c)).filter(Boolean))}else this.nodes=o.nodes,this.#r=s,this.#i=Date.now(),this.#$()}catch(o){this.errors=V(o)}finally{this.isLoading=!1,this.notify()}}async#m(e){let n={field:this.#n,direction:"DESC"},o={after:e,filter:this.#t,orderBy:n,pinned:{...this.#t,pinned:!0},isFirst:!e},{discussions:s,pinned:r,feedCursor:i}=await y.execute(On,o),c=s.nodes.filter(u=>!r?.nodes.some(({id:f})=>f===u.id));return{feedCursor:i,discussions:{...s,nodes:[...r?.nodes??[],...c]}}}#g({pageInfo:e}){this.hasMore=e.hasNextPage,this.#c=e.endCursor}#$(){this.#a.clear(),this.#l.clear(),this.#p=null,this.#u=Math.max(...this.nodes.map(Ho),0)}async#b(){let e=this.#d,{discussions:n,feedCursor:o}=await this.#m(null);if(e!==this.#d)return null;this.#s.clear(),this.#r=o;let s=new Set(this.nodes.map(({id:r})=>r));return s.size&&!n.nodes.some(({id:r})=>s.has(r))&&(this.#p=n),this.#_(n.nodes,{isAnotherHistory:!0}),this.errors=[],this.notify(),o}#h(e){let n=[];for(let{event:o,cursor:s}of e)this.#r=s,o?.discussion?(n.push(o.discussion),Vc.has(o.__typename)&&this.#I(o.discussion.id)):o?.__typename==="UserChanged"?this.#w(o.user.id,o.user):o?.__typename==="UserErased"?this.#w(o.userId,null):o?.__typename==="CategoryChanged"&&this.#S(o.categoryId,o.category);for(let o of n)this.#v(o);this.#_(n),this.notify()}#v(e){ri(e,this.#s.get(e.id))||(this.#s.delete(e.id),this.#s.set(e.id,e),this.#s.size>Gc&&this.#s.delete(this.#s.keys().next().value))}#_(e,{isAnotherHistory:n=!1}={}){let o=!1;for(let s of e){let{id:r}=s,i=this.nodes.find(f=>f.id===r)??this.#a.get(r);if(!n&&ri(s,i))continue;let c=i&&!this.#a.has(r),u=!c||this.#o(i)!==this.#o(s)||!this.#y(s);if(c)this.nodes=this.nodes.map(f=>f===i?s:f);else if(!this.#y(s))this.#a.delete(r);else if(i||!this.hasMore||this.#o(s)>=this.#o(this.nodes.at(-1)))this.#a.set(r,s);else continue;c&&u&&this.#l.add(r),o||=u&&this.#y(s)&&Yc(s)?.id===(y.viewer?.user.id??null)}o&&this.show()}#y({state:e,category:n}){return e==="VISIBLE"&&(!this.#e||n?.id===this.#e)}#w(e,n){let o=s=>s?.id===e?n:s;this.#x(s=>({...s,author:o(s.author),latest:{nodes:s.latest.nodes.map(r=>({...r,author:o(r.author)}))}}))}#S(e,n){k.replaceCategory(e,n),this.#x(o=>o.category?.id===e?{...o,category:n}:o)}#x(e){this.nodes=this.nodes.map(e);for(let n of[this.#a,this.#s])for(let[o,s]of n)n.set(o,e(s))}#E(e){return[...e].sort((n,o)=>this.#o(o)-this.#o(n))}#I(e){this.fresh=new Set([...this.fresh,e]),setTimeout(()=>{this.fresh=new Set([...this.fresh].filter(n=>n!==e)),this.notify()},jc)}};function Ho({createdAt:t}){return Date.parse(t)}function ri({eventNumber:t},e){return e!==void 0&&t<e.eventNumber}function Yc({author:t,latest:e}){return(e.nodes.at(-1)??{author:t}).author}var Qc={LAST_ACTIVITY_AT:a("list.byActivity"),CREATED_AT:a("list.byNewest"),REPLY_COUNT:a("list.byReplies")},Jc=3;function ci(){let t=new URLSearchParams(location.search).get("category"),[e,n]=v("LAST_ACTIVITY_AT"),o=k.categories.find(({slug:m})=>m===t),s=!t||!!o,r=$e(()=>ii({categoryId:o?.id??null,field:e}),[o?.id,e]);Y(r,k,ae),G(()=>{if(document.title=k.name,!!s)return r.open({keepsPlaces:z.restored!==null}),()=>r.close()},[r,s]),G(()=>{z.restored&&scrollTo({top:z.restored.scroll,behavior:"instant"})},[]);let i=s?r.nodes:[],c=!s&&k.isLoaded,u=!c&&r.isLoading&&!i.length,f=s&&!r.isLoading&&!i.length&&!r.errors.length,p=l`<main id="main" class="page front" tabindex="-1">
    <div class="head list-head">
      <h1>${o?l`<bdi>${o.name}</bdi>`:a("list.title")}</h1>
      ${!c&&l`<p class="status-line list-status"><${Ct} follower=${r.follower} liveHint=${a("connection.liveListHint")} /><${Mo} follower=${r.follower} /></p>`}
      <label class="order"><span class="unseen">${a("list.order")}</span>
        <select value=${e} onChange=${m=>n(m.target.value)}>
          ${Object.entries(Qc).map(([m,d])=>l`<option key=${m} value=${m}>${d}</option>`)}
        </select>
      </label>
      <a class="button primary" href="/#new" aria-label=${a("list.start")}><${P} name="plus" /><span>${a("list.start")}</span></a>
    </div>
    <nav class="rail filters" aria-label=${a("list.categories")}>
      <p class="filters-title" aria-hidden="true">${a("list.categories")}</p>
      <a class="chip" href="/" aria-current=${t?null:"page"}>${a("list.all")}</a>
      ${k.categories.map(m=>l`<a key=${m.slug} class="chip" href=${`/?category=${m.slug}`} aria-current=${m.slug===t?"page":null}><${ct} category=${m} /></a>`)}
    </nav>
    <div class="column">
      ${o?.description&&l`<p class="hint" dir="auto">${o.description}</p>`}
      <${X} errors=${r.errors}><button type="button" onClick=${()=>r.open()}>${a("page.tryAgain")}</button><//>
      ${ae.discussions.map(m=>l`<${Ke} key=${m.id} held=${m} />`)}
      <ul class="list" aria-busy=${r.isLoading}>
        ${i.map(m=>l`<${Bo} key=${m.id} discussion=${m} isNew=${r.fresh.has(m.id)} />`)}
      </ul>
      ${f&&l`<${st} icon="speech" title=${a("list.empty")}><a class="button primary" href="/#new">${a("list.start")}</a><//>`}
      ${c&&l`<${st} icon="search" title=${a("list.noCategory")}><a class="button" href="/">${a("page.allDiscussions")}</a><//>`}
      ${u&&l`<${qe} />`}
      ${s&&r.hasMore&&l`<${el} list=${r} />`}
    </div>
    <${Xc} list=${r} />
  </main>`;return u?l`<${Ie}>${p}<//>`:p}function Xc({list:t}){let{started:e,updated:n}=t.pending,o=[e&&a("list.started",{count:e}),n&&a("list.updated",{count:n})].filter(Boolean),s=()=>{t.show(),scrollTo({top:0,behavior:"instant"}),document.getElementById("main").focus({preventScroll:!0})};return l`<div class="new-replies" role="status">
    ${o.length>0&&l`<button type="button" class="new-replies-button" data-action="show-pending" onClick=${s}><${P} name="up" />${a("list.show",{what:Ut(o)})}</button>`}
  </div>`}function Bo({discussion:t,isNew:e=!1}){let n=t.latest.nodes.findLast(({state:r})=>r==="VISIBLE"),o=Zc(t),s=t.state==="DELETED";return l`<li class=${`discussion ${e?"fresh":""}`} data-discussion=${t.number}>
    <div class="discussion-body">
      <h2 dir="auto"><a href=${fe(t)}>${s?a("thread.deleted"):t.title}</a></h2>
      <p class="excerpt" dir="auto">${t.excerpt}</p>
      <p class="meta">
        ${t.category&&l`<${ct} category=${t.category} />`}
        <span>${n?ai("list.replied",n):ai("list.startedBy",t)}</span>
        ${t.pinned&&l`<span class="pinned"><${P} name="pin" /> ${a("list.pinned")}</span>`}
        ${t.locked&&l`<span><${P} name="lock" /> ${a("list.locked")}</span>`}
      </p>
    </div>
    <div class="figures">
      <${cr} users=${o} title=${o.map(({name:r})=>r).join(", ")} />
      ${t.replyCount>0&&l`<span class="count" title=${a("thread.replies",{count:t.replyCount})}>
        <${P} name="speech" /><span data-count="replies">${ot(t.replyCount)}</span><span class="unseen">${a("list.replies",{count:t.replyCount})}</span>
      </span>`}
    </div>
  </li>`}function ai(t,{author:e,createdAt:n}){return a(t,{name:l`<bdi class="name">${e?.name??a("page.formerMember")}</bdi>`,time:l`<${ye} at=${n} />`})}function Zc({author:t,latest:e}){let n=e.nodes.filter(({state:s})=>s==="VISIBLE").reverse();return[...new Map([...n.map(s=>s.author),t].filter(Boolean).map(s=>[s.id,s])).values()].slice(0,Jc)}function el({list:t}){let e=M(null);return L(()=>{let n=new IntersectionObserver(([{isIntersecting:o}])=>o&&t.more(),{rootMargin:"600px 0px"});return n.observe(e.current),()=>n.disconnect()},[t.nodes.length]),l`<div ref=${e} class="sentinel"><button type="button" class="quiet" onClick=${()=>t.more()}>${a("list.more")}</button></div>`}var tl={newest:"NEWEST"},Uo=null;function ui(t){return Uo?.address!==ge(t)&&(Uo=new Fo(t)),Uo}var Fo=class extends Q{edges=[];totalCount=0;isExact=!0;errors=[];hasMore=!1;isLoaded=!1;isLoading=!1;author=null;category=null;discussion=null;unknown=null;#e;#t=null;#n=null;constructor(e){super(),this.#e=e,this.address=ge(e)}async load(){if(!(this.isLoading||!this.#e.query.trim())){this.isLoading=!0,this.errors=[],this.notify();try{this.#t??=await this.#r(this.#e),this.unknown||this.#c(await this.#o()),this.isLoaded=!0}catch(e){this.errors=V(e)}this.isLoading=!1,this.notify()}}async#o(){let{query:e,order:n,discussion:o}=this.#e,s={query:e,filter:this.#t,orderBy:tl[n]??"RELEVANCE",after:this.#n},{found:r}=await y.execute(o?Mn:An,s);return r}#c({edges:e,totalCount:n,totalCountIsExact:o,pageInfo:s}){this.edges=[...this.edges,...e.map(r=>({post:r.node,matchCount:1,...r}))],this.totalCount=n,this.isExact=o,this.hasMore=s.hasNextPage,this.#n=s.endCursor}async#r({author:e,category:n,discussion:o,from:s,to:r}){let i={createdAfter:li(s),createdBefore:li(r,1)};if(e||n||o){let c=/^\d{1,10}$/.test(o)?Math.min(Number(o),ho):0,u={by:!!e,within:!!n,in:!!o};Object.assign(this,await y.execute(Nn,{author:e,category:n,number:c,...u})),this.unknown=Object.entries({author:e,category:n,discussion:o}).find(([f,p])=>p&&!this[f])?.[0]??null;for(let f of["author","category","discussion"])this[f]&&(i[`${f}Id`]=this[f].id)}return i}};function li(t,e=0){let n=new Date(`${t}T00:00`);return!t||Number.isNaN(n.getTime())?null:(n.setDate(n.getDate()+e),n.toISOString())}var nl=150;function Wo({id:t,label:e,placeholder:n,handle:o,choose:s}){let r=o&&`@${o}`,[i,c]=v(r),[u,f]=v([]),[p,m]=v(-1),d=M(null),h=M(null),g=M(null),E=M(0),w=()=>{clearTimeout(g.current),E.current+=1,f([]),m(-1)};L(()=>c(r),[r]),L(()=>w,[]),G(()=>{u.length&&(h.current.showPopover(),h.current.style.minWidth=`${d.current.offsetWidth}px`,pt(h.current,d.current))},[u]);let _=async $=>{let D=E.current+=1,T=await y.execute(bt,{query:$,first:6}).catch(()=>({people:[]}));D===E.current&&(f(T.people),m(-1),T.people.length&&B.announce(a("composer.suggested",{count:T.people.length})))},x=({target:{value:$}})=>{c($),clearTimeout(g.current),$.trim()?g.current=setTimeout(()=>_($),nl):w()},b=$=>{w(),c($&&`@${$}`),$!==o&&s($)},I=$=>m((Math.max(p,$>0?-1:0)+$+u.length)%u.length),K=$=>{if($.isComposing)return;let D={Enter:()=>b((u[p]??u[0])?.handle??i.trim().replace(/^@/,"")),...u.length&&{ArrowDown:()=>I(1),ArrowUp:()=>I(-1),Escape:w}};D[$.key]&&($.preventDefault(),D[$.key]())},R=()=>i.trim()?(w(),c(r)):b("");return l`<label class="field">${e}
    <input ref=${d} id=${t} type="text" role="combobox" autocomplete="off" spellcheck=${!1} dir=${i?"auto":null} placeholder=${n}
      aria-autocomplete="list" aria-expanded=${u.length>0} aria-controls=${u.length?`${t}-people`:null}
      aria-activedescendant=${u[p]?`${t}-${u[p].id}`:null}
      value=${i} onInput=${x} onKeyDown=${K} onBlur=${R} />
    </label>
    ${u.length>0&&l`<ul ref=${h} id=${`${t}-people`} popover="manual" class="menu suggestions" role="listbox" aria-label=${a("composer.people")} onMouseDown=${ol}>
      ${u.map(($,D)=>l`<li key=${$.id} id=${`${t}-${$.id}`} role="option" aria-selected=${D===p} onClick=${()=>b($.handle)}>
        <${ce} user=${$} size="small" /><bdi class="name">${$.name}</bdi> <bdi class="handle">@${$.handle}</bdi>
      </li>`)}
    </ul>`}`}function ol(t){t.preventDefault()}var sl=["author","category","discussion","from","to"];function jo(t){return sl.filter(e=>t[e]).length}function Go({query:t,order:e}){return ge({query:t,order:e})}function di({place:t}){Y(k);let e=It(),[n,o]=v(!1),s=jo(t),r=c=>u=>z.go(ge({...t,[c]:u}),{instead:!0}),i=c=>({target:u})=>r(c)(u.value);return l`<div class="rail">
    ${!e&&l`<button type="button" class="small filters-toggle" data-action="filters" aria-expanded=${n} onClick=${()=>o(!n)}>
      <${P} name="filter" />${s?a("search.filtersSet",{count:s}):a("search.filters")}
    </button>`}
    ${(e||n)&&l`<form class="search-filters" aria-label=${a("search.filters")} onSubmit=${c=>c.preventDefault()}>
      <${Wo} id="search-author" label=${a("search.author")} placeholder=${a("search.anybody")} handle=${t.author} choose=${r("author")} />
      ${k.categories.length>0&&l`<label class="field">${a("search.category")}
        <select value=${t.category} onChange=${i("category")}>
          <option value="">${a("list.all")}</option>
          ${k.categories.map(({slug:c,name:u})=>l`<option key=${c} value=${c}>${u}</option>`)}
        </select>
      </label>`}
      <label class="field">${a("search.from")}<input type="date" max=${t.to||null} value=${t.from} onChange=${i("from")} /></label>
      <label class="field">${a("search.to")}<input type="date" min=${t.from||null} value=${t.to} onChange=${i("to")} /></label>
      ${s>0&&l`<a class="button small" href=${Go(t)}>${a("search.clear")}</a>`}
    </form>`}
  </div>`}function fi({place:t}){let{query:e,order:n}=t,o=$e(()=>ui(t),[ge(t)]);Y(o);let s=M(o);(o.isLoaded||o.errors.length||!e.trim())&&(s.current=o);let r=s.current;G(()=>{document.title=`${e||a("search.title")} · ${k.name}`,o.isLoaded||o.load()},[o]),G(()=>{z.restored&&scrollTo({top:z.restored.scroll,behavior:"instant"})},[]);let i=l`<bdi>${e}</bdi>`,c=({target:u})=>z.go(ge({...t,order:u.value}),{instead:!0});return l`<main id="main" class="page search" tabindex="-1">
    <div class="head results-head">
      <div class="list-head">
        <h1>${e?a("search.results",{query:i}):a("search.title")}</h1>
        <label class="order"><span class="unseen">${a("list.order")}</span>
          <select value=${n} onChange=${c}>
            <option value="">${a("search.byRelevance")}</option>
            <option value="newest">${a("list.byNewest")}</option>
          </select>
        </label>
      </div>
      <p class="hint" role="status">${rl(o,t)}</p>
    </div>
    <${di} place=${t} />
    <div class="column">
      <${X} errors=${r.errors}><button type="button" onClick=${()=>r.load()}>${a("page.tryAgain")}</button><//>
      ${r.discussion&&l`<p class="within">${a("search.within",{title:l`<a href=${fe(r.discussion)}><bdi>${r.discussion.title}</bdi></a>`})}
        <a class="button quiet small" href=${ge({...t,discussion:""})}>${a("search.everywhere")}</a></p>`}
      <ol class="list results" aria-busy=${o.isLoading}>
        ${r.edges.map(u=>l`<${il} key=${u.post.id} ...${{edge:u,place:t}} />`)}
      </ol>
      ${r.isLoaded&&!r.edges.length&&l`<${al} results=${r} place=${t} />`}
      ${r.hasMore&&l`<div class="sentinel"><button type="button" class="quiet" disabled=${r.isLoading} onClick=${()=>r.load()}>${a("list.more")}</button></div>`}
    </div>
  </main>`}function rl({isLoaded:t,errors:e,totalCount:n,isExact:o,unknown:s},{query:r,discussion:i}){return r.trim()?e.length||s?"":t?a(i?"search.found":"search.foundDiscussions",{count:n,isExact:o}):a("search.searching"):a("search.hint")}function il({edge:t,place:e}){let{post:n,title:o,snippet:s,matchCount:r}=t,i=l`<${ye} at=${n.createdAt} />`,c=n.sequence?a("search.inReply",{number:n.sequence,time:i}):a("search.inOpening",{time:i}),u=!e.discussion||!n.sequence;return l`<li class="result">
    ${u?l`<h2 dir="auto"><a href=${Se(n)} ...${pi(o)}></a></h2>`:l`<h2 class="sentence"><a href=${Se(n)}>${c}</a></h2>`}
    <p class="excerpt" dir="auto" ...${pi(s)}></p>
    <p class="meta"><${Et} user=${n.author} size="small" /><${at} user=${n.author} />
      ${u&&l`<span>${c}</span>`}
      ${r>1&&l`<a href=${ge({...e,discussion:String(n.discussion.number)})}>${a("search.allOf",{count:r})}</a>`}</p>
  </li>`}function al({results:t,place:e}){let n=e[t.unknown],o=t.unknown==="author"?`@${n.replace(/^@/,"")}`:n,s=t.unknown?a(`search.no_${t.unknown}`,{given:l`<bdi>${o}</bdi>`}):a("search.nothing",{query:l`<bdi>${e.query}</bdi>`}),r=jo(e)>0;return l`<${st} icon="search" title=${s}>
    ${!t.unknown&&l`<p>${a("search.suggestions")}</p>`}
    ${r?l`<a class="button primary" href=${Go(e)}>${a("search.withoutFilters")}</a>`:l`<a class="button" href="/">${a("page.allDiscussions")}</a>`}
  <//>`}function pi(t){return{dangerouslySetInnerHTML:{__html:t}}}var hi="demo"in(document.getElementById("app")?.dataset??{});function mi(){Y(y);let{isDisconnected:t}=y,e=l`<a href="/graphiql" target="_blank" rel="noopener">${a("demo.apiLink")}</a>`,n=l`<${P} name="flask" /><span>${a("demo.label")}</span>`;return l`<${Be} className="small demo-button" menuClass="demo" action="demo" button=${n}>
    <h2>${a("demo.title")}</h2>
    <ul>
      <li><strong>${a("demo.liveTitle")}</strong> ${a("demo.live")}</li>
      <li><strong>${a("demo.quotesTitle")}</strong> ${a("demo.quotes")}</li>
      <li><strong>${a("demo.apiTitle")}</strong> ${a("demo.api",{link:e})}</li>
    </ul>
    ${!t&&l`<button type="button" data-action="disconnect" onClick=${()=>Z.disconnect()}><${P} name="disconnect" />${a("demo.disconnect")}</button>`}
    ${y.viewer&&l`<button type="button" data-action="switch-user" onClick=${()=>k.openSignIn(void 0,{inTab:!0})}><${P} name="people" />${a("demo.signInAsOther")}</button>`}
  <//>`}function $i(){let{inTab:t}=k.signingIn,[e,n]=v(""),[o,s]=v(""),[r,i]=v([]),[c,u]=v(!1),f=async d=>{u(!0);let h=await d().catch(V);u(!1),i(h??[]),!h?.length&&(k.closeSignIn(!0),Z.renew(),se.flush())},p=d=>{d.preventDefault(),f(()=>y.signInAsGuest(e.trim(),{inTab:t}))},m=d=>{d.preventDefault(),f(()=>y.signIn(o.trim().replace(/^Bearer\s+/i,""),{inTab:t}))};return l`<${ke} title=${a(y.expired?"page.signInAgain":"page.signIn")} className="sign-in" onClose=${()=>k.closeSignIn(!1)}>
    ${t&&y.viewer&&l`<p class="notice">${a("signIn.thisTabOnly",{name:l`<bdi>${y.viewer.user.name}</bdi>`})}</p>`}
    ${y.expired&&l`<p class="notice">${a("signIn.sessionEnded")}</p>`}
    <form onSubmit=${p}>
      <label class="field">${a("signIn.name")}
        <input name="guest" dir=${e?"auto":null} value=${e} autocomplete="nickname" maxlength="80" data-first onInput=${d=>n(d.target.value)} />
      </label>
      <p class="hint">${a(t?"signIn.guestInTab":"signIn.guestInBrowser")}</p>
      <button type="submit" class="primary" disabled=${c||!e.trim()}>${a("signIn.asGuest")}</button>
    </form>
    <${X} errors=${r} />
    <${cl} />
    <details>
      <summary>${a("signIn.haveToken")}</summary>
      <form onSubmit=${m}>
        <label class="field">${a("signIn.token")}
          <textarea name="token" rows="3" spellcheck="false" autocomplete="off" value=${o} onInput=${d=>s(d.target.value)}></textarea>
        </label>
        <p class="hint">${a("signIn.tokenHint",{command:l`<code>python server.py token --handle you</code>`})}</p>
        <button type="submit" disabled=${c||!o.trim()}>${a("page.signIn")}</button>
      </form>
    </details>
  <//>`}function cl(){let{terms:t}=k;return t?/^https?:\/\/\S+$/.test(t)?l`<p class="hint">${a("signIn.terms",{link:l`<a href=${t} target="_blank" rel="noopener">${a("signIn.termsLink")}</a>`})}</p>`:l`<details class="terms"><summary>${a("signIn.termsText")}</summary><p class="as-typed" dir="auto">${t}</p></details>`:null}var Vo="new";function gi(){Y(k,y);let[t,e]=v(()=>Ye(Vo)??{title:"",body:"",categoryId:null,key:ue()}),[n,o]=v([]),[s,r]=v(!1),[i,c]=v(t.title||t.body?!0:null);L(()=>{document.title=`${a("new.title")} · ${k.name}`},[]);let u=p=>{let m={...t,...p,key:ue()};e(m),c(lt(Vo,m))},f=async()=>{if(!y.viewer)return k.openSignIn(f);r(!0);let{key:p,...m}=t;try{let{startDiscussion:d}=await y.execute(eo,{input:{...m,clientMutationId:p}});o(d.errors),d.errors.length||(He(Vo),d.held&&ae.add(d.held),z.go(d.discussion?fe(d.discussion):"/"))}catch(d){o(V(d))}r(!1)};return l`<main id="main" class="page new" tabindex="-1">
    <h1>${a("new.heading")}</h1>
    <form
      class="card"
      onSubmit=${p=>{p.preventDefault(),f()}}
    >
      <label class="field">${a("new.titleField")}
        <input name="title" dir=${t.title?"auto":null} value=${t.title} maxlength=${k.limits.titleLength} autocomplete="off" onInput=${p=>u({title:p.target.value})} />
      </label>
      ${k.categories.length>0&&l`<label class="field">${a("new.category")}
        <select value=${t.categoryId??""} onChange=${p=>u({categoryId:p.target.value||null})}>
          <option value="">${a("new.noCategory")}</option>
          ${k.categories.map(({id:p,name:m})=>l`<option key=${p} value=${p}>${m}</option>`)}
        </select>
      </label>`}
      <${dt}
        id="new-text"
        label=${a("new.opening")}
        autofocus=${!1}
        body=${t.body}
        isSaved=${i}
        rows=${10}
        limit=${k.limits.openingPostLength}
        preview=${()=>({body:t.body,discussionId:null,replyToId:null,quotes:[]})}
        onWrite=${p=>u({body:p})}
        onSend=${f}
      />
      <${X} errors=${n} />
      <footer>
        <a class="button quiet" href="/">${a("composer.closeKeeping")}</a>
        <button type="submit" class="primary" disabled=${s}>${a("new.start")}</button>
      </footer>
    </form>
  </main>`}var ll={replies:Ln,discussions:qn},ul=new Intl.DateTimeFormat(le,{month:"short",year:"numeric"});function bi({handle:t,kind:e}){let{user:n,nodes:o,isLoading:s,load:r,errors:i}=dl(t,e);if(Y(y),L(()=>{n&&(document.title=`${n.name} · ${k.name}`)},[n?.name]),n===null)return l`<${Ue} title=${a("user.missing",{handle:`@${t}`})}><p>${a("user.missingHint")}</p><//>`;if(!n)return l`<${Ie}><main id="main" class="page person" tabindex="-1" aria-busy=${!i.length}>
      <${X} errors=${i}><button type="button" onClick=${()=>r()}>${a("page.tryAgain")}</button><//>
    </main><//>`;let{replies:c,discussions:u,posts:f}=n,p=(m,d)=>l`<a class="chip" href=${it(n,m)} aria-current=${m===e?"page":null}>${d}</a>`;return l`<main id="main" class="page person" tabindex="-1">
    <div class="head">
      <${ce} user=${n} size="huge" />
      <div>
        <h1><bdi>${n.name}</bdi></h1>
        <p class="hint"><bdi>@${n.handle}</bdi>${n.isGuest&&l`<span>${a("user.guest")}</span>`}<span>${a("user.since",{month:ul.format(new Date(n.createdAt))})}</span>${y.viewer?.isModerator&&l`<a href=${mo("people",{person:t})}>${a("moderate.title")}</a>`}</p>
      </div>
    </div>
    <nav class="filters" aria-label=${a("user.posts")}>
      ${p("replies",a("thread.replies",yi(c)))}
      ${p("discussions",a("user.discussions",yi(u)))}
    </nav>
    <div class="column">
      <ul class="list" aria-busy=${s}>
        ${o.map(m=>m.sequence?l`<${pl} key=${m.id} reply=${m} />`:l`<${Bo} key=${m.id} discussion=${m} />`)}
      </ul>
      ${!o.length&&!s&&l`<p class="hint">${a(e==="replies"?"user.noReplies":"user.noDiscussions")}</p>`}
      <${X} errors=${i} />
      ${!s&&f.pageInfo.hasNextPage&&l`<div class="sentinel"><button type="button" data-action="more" onClick=${()=>r(f.pageInfo.endCursor)}>${a("list.more")}</button></div>`}
    </div>
  </main>`}var yi=({totalCount:t,totalCountIsExact:e})=>({count:t,isExact:e});function dl(t,e){let[n,o]=v({user:void 0,nodes:[],kind:e}),[s,r]=v([]),i=M(null),c=async(f=null)=>{let p=i.current={};r([]);try{let{user:m}=await y.execute(ll[e],{handle:t,after:f});if(p!==i.current)return;let d=m?.posts.nodes.filter(({state:h,discussion:g})=>h==="VISIBLE"&&g?.state!=="DELETED")??[];o(h=>({user:m,nodes:f?[...h.nodes,...d]:d,kind:e}))}catch(m){r(V(m))}};L(()=>{c().then(()=>z.restored&&scrollTo({top:z.restored.scroll,behavior:"instant"}))},[e]);let u=n.kind!==e;return{...n,nodes:u?[]:n.nodes,isLoading:u,load:c,errors:s}}function pl({reply:t}){let{discussion:e,sequence:n}=t;return l`<li class="result" data-reply=${n}>
    <h2 dir="auto"><a href=${Se(t)}>${e.title}</a></h2>
    <p class="excerpt" dir="auto">${t.excerpt}</p>
    <p class="meta"><span>${a("search.inReply",{number:n,time:l`<${ye} at=${t.createdAt} />`})}</span></p>
  </li>`}var _i="parley:theme",fl={auto:["half",a("page.themeAuto")],light:["sun",a("page.themeLight")],dark:["moon",a("page.themeDark")]},hl=new Intl.DateTimeFormat(le,{dateStyle:"long",timeStyle:"short"}),ml={front:()=>l`<${ci} key=${location.search} />`,discussion:({number:t,sequence:e,root:n})=>l`<${si} key=${t} number=${t} sequence=${e} root=${n} />`,search:t=>l`<${fi} place=${t} />`,moderate:t=>l`<${Ur} place=${t} />`,user:({handle:t,kind:e})=>l`<${bi} key=${t} handle=${t} kind=${e} />`,missing:()=>l`<${Ue} title=${a("page.missing")}><p>${a("page.missingHint")}</p><//>`};function $l(){if(Y(z,y,k),k.isClosed)return l`<${yl} />`;let t=z.place,e=t.page==="front"&&location.hash==="#new";return l`
    <a class="skip" href="#main" onClick=${xl}>${a("page.skip")}</a>
    <${bl} place=${t} />
    ${y.expired&&!k.signingIn&&l`<div class="banner" role="alert">
      ${a("page.sessionEnded")} <button type="button" class="primary small" onClick=${()=>k.openSignIn()}>${a("page.signInAgain")}</button>
    </div>`}
    ${y.suspension&&l`<div class="banner" role="alert">${gl(y.suspension)}</div>`}
    ${e?l`<${gi} />`:ml[t.page](t)}
    <${Yr} />
    <${El} />
    <${mr} />
    ${k.signingIn&&l`<${$i} />`}
  `}function gl({reason:t,until:e}){let n=e&&l`<time datetime=${e}>${hl.format(new Date(e))}</time>`;return l`<p>${e?a("page.suspendedUntil",{time:n}):a("page.suspended")} ${t&&l`${a("post.reason",{reason:l`<bdi>${t}</bdi>`})} `}${a("page.suspendedHint")}</p>`}function yl(){return l`
    <header class="top"><a class="brand" href="/"><${wi} /><bdi>${k.name}</bdi></a></header>
    <p class="notice closed" data-closed>${a("page.closed")}</p>
    <${Ie} />
  `}function bl({place:t}){return l`<header class="top">
    <a class="brand" href="/"><${wi} /><bdi>${k.name}</bdi></a>
    <${_l} place=${t} />
    <div class="top-actions">
      ${hi&&l`<${mi} />`}
      ${y.viewer?.isModerator&&l`<${Tt} part="ModerateLink" isCurrent=${t.page==="moderate"} />`}
      <${wl} />
      <${vl} />
    </div>
  </header>`}function _l({place:t}){let e=t.query??"",n=t.page==="search",[o,s]=v(e),r=M(null);L(()=>s(e),[e]);let i=f=>{clearTimeout(r.current),z.go(ge({...n&&t,query:f}),{instead:n})},c=({target:{value:f}})=>{s(f),clearTimeout(r.current),n&&(r.current=setTimeout(()=>i(f),250))};return l`<form class="search-field" role="search" action="/search" onSubmit=${f=>{f.preventDefault(),i(o)}}>
    <${P} name="search" />
    <input type="search" name="q" aria-label=${a("page.searchLabel")} placeholder=${a("page.search")} dir=${o?"auto":null} value=${o} onInput=${c} />
  </form>`}function wl(){let[t,e]=v(ve.getItem(_i)??"auto");G(()=>{document.documentElement.dataset.theme=t,ve.setItem(_i,t)},[t]);let n=o=>o.currentTarget.hash=location.hash;return l`<${Be} className="quiet square" action="display" label=${a("page.display")} button=${l`<${P} name="display" />`}>
    <p><small>${a("page.colours")}</small></p>
    ${Object.entries(fl).map(([o,[s,r]])=>l`<button type="button" key=${o} aria-pressed=${o===t} onClick=${()=>e(o)}><${P} name=${s} />${r}</button>`)}
    <p><small>${a("page.language")}</small></p>
    ${Object.entries(Ls).map(([o,s])=>l`<a key=${o} class="button" href=${`/language/${o}`} rel="nofollow" lang=${o} hreflang=${o} aria-current=${o===le?"true":null} onClick=${n}>${s}</a>`)}
  <//>`}function vl(){Y(y);let{viewer:t}=y;if(!t)return l`<button type="button" class="primary small" onClick=${()=>k.openSignIn()}>${a("page.signIn")}</button>`;let{name:e,handle:n}=t.user,o=t.isGuest?"page.guest":t.isModerator?"page.moderator":null,s=l`<${ce} user=${t.user} size="small" /><span class="unseen">${a("page.signedInAs",{name:e})}</span><bdi aria-hidden="true">${e}</bdi>`;return l`<${Be} className="account" button=${s}>
    <p><bdi>${e}</bdi><small>${o?a(o,{handle:`@${n}`}):`@${n}`}</small></p>
    <button type="button" data-action="sign-out" onClick=${()=>y.signOut()}>${a("page.signOut")}</button>
  <//>`}function El(){Y(B);let{announced:t,shown:e}=B;return l`
    <div class="unseen" aria-live="polite" data-announced>${t}</div>
    ${e&&l`<div class="toast">
      <span>${e.text}</span>
      ${e.action&&l`<button type="button" class="link" onClick=${()=>(e.action.act(),B.clear())}>${e.action.label}</button>`}
      <button type="button" class="quiet square" aria-label=${a("page.dismiss")} onClick=${()=>B.clear()}><${P} name="close" /></button>
    </div>`}
  `}function wi(){return l`<svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
    <path class="logo-back" d="M4 8a4 4 0 0 1 4-4h13a4 4 0 0 1 4 4v8a4 4 0 0 1-4 4h-8l-6 5v-5.2A4 4 0 0 1 4 16z" />
    <path class="logo-front" d="M15 16.500a3 3 0 0 1 3-3h8a3 3 0 0 1 3 3V22a3 3 0 0 1-3 3v4l-4.500-4H18a3 3 0 0 1-3-3z" />
  </svg>`}function xl(t){t.preventDefault(),document.getElementById("main")?.focus()}addEventListener("keydown",()=>document.documentElement.dataset.keyboard="",!0);addEventListener("pointerdown",()=>delete document.documentElement.dataset.keyboard,!0);z.place.page==="front"&&new URLSearchParams(location.search).has("after")&&history.replaceState(null,"","/");var zo=document.getElementById("app");zo.replaceChildren();delete zo.dataset.served;gt(l`<${$l} />`,zo);k.load().then(()=>se.flush());export{Mo as AsOf,at as Author,ce as Avatar,ct as Category,Ct as ConnectionBadge,Le as DISCUSSION,ke as Dialog,X as Errors,Ce as Follower,Ze as Fragment,P as Icon,Be as Menu,ze as Name,st as Nothing,Q as Observable,Ge as POST,Wo as PersonField,Te as PostBody,qe as Skeleton,ye as Timestamp,ie as advice,V as asErrors,Z as connection,fe as discussionPath,ot as formatNumber,l as html,le as language,nt as memo,mo as moderatePath,ue as newKey,B as notices,Se as postPath,z as router,y as session,k as site,a as t,L as useEffect,G as useLayoutEffect,$e as useMemo,Y as useObservables,M as useRef,ut as useShortcuts,v as useState,it as userPath};

// The chat's looks. It stands in a shadow root: nothing of the page comes in, nothing of this goes out.
export const style = `
:host { all: initial; --ink: light-dark(#1b1d22, #eceef2); --quiet: light-dark(#5a606b, #a4abb8);
  --ground: light-dark(#ffffff, #1a1c21); --raised: light-dark(#f1f2f5, #292c34); --line: light-dark(#d9dce3, #3b3f4a); --bad: light-dark(#b3261e, #ff9b93); }
* { box-sizing: border-box; font: inherit; }
.root { font: 15px/1.45 system-ui, sans-serif; color: var(--ink); }
button { cursor: pointer; }
[hidden] { display: none !important; }
:focus-visible { outline: 2px solid var(--ink); outline-offset: 2px; }
.apart, .mine .who { position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden; clip-path: inset(50%); }
svg { width: 22px; height: 22px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
.launcher { position: fixed; inset-block-end: 20px; z-index: 2147483000; width: 56px; height: 56px; border: 0; border-radius: 50%;
  background: var(--accent); color: var(--on-accent); box-shadow: 0 4px 16px rgb(0 0 0 / .25); display: grid; place-items: center; }
.right { right: 20px; } .left { left: 20px; }
.badge { position: absolute; inset-block-start: -4px; inset-inline-end: -4px; min-width: 22px; height: 22px; padding: 0 6px; border-radius: 11px;
  background: #c62828; color: #fff; font-size: 12px; line-height: 22px; text-align: center; }
.panel { position: fixed; inset-block-end: 88px; z-index: 2147483000; width: 380px; height: min(620px, calc(100dvh - 108px)); display: flex; flex-direction: column;
  background: var(--ground); border: 1px solid var(--line); border-radius: 14px; overflow: hidden; box-shadow: 0 12px 40px rgb(0 0 0 / .22); }
.whole .panel { inset: 0; width: 100%; height: 100dvh; border: 0; border-radius: 0; box-shadow: none; }
.whole .log, .whole .composer, .whole .note, .whole .typing { width: 100%; max-width: 760px; margin-inline: auto; }
header { display: flex; align-items: center; gap: 10px; padding: 12px 14px; background: var(--accent); color: var(--on-accent); }
.face { width: 36px; height: 36px; border-radius: 50%; object-fit: cover; }
header strong, header h1 { flex: 1; margin: 0; font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
header button { border: 0; background: none; color: inherit; padding: 4px; border-radius: 6px; line-height: 0; }
header button:focus-visible { outline-color: currentColor; outline-offset: 0; }
.log { flex: 1; overflow-y: auto; overscroll-behavior: contain; padding: 14px; display: flex; flex-direction: column; gap: 8px; }
.day { align-self: center; color: var(--quiet); font-size: 12px; padding: 6px 0; }
.line { display: flex; flex-direction: column; align-items: flex-start; max-width: 85%; }
.mine { align-self: flex-end; align-items: flex-end; }
.who, time, .state { font-size: 12px; color: var(--quiet); padding: 0 4px; }
.bubble { padding: 9px 12px; border-radius: 14px; background: var(--raised); white-space: pre-wrap; overflow-wrap: anywhere; max-width: 100%; }
.mine .bubble { background: var(--accent); color: var(--on-accent); }
.bubble a { color: inherit; text-decoration: underline; }
.bubble img { display: block; max-width: 100%; height: auto; border-radius: 8px; margin-top: 4px; }
.file { display: block; }
.waiting .bubble { outline: 1px dashed var(--quiet); outline-offset: 1px; } .failed .state { color: var(--bad); }
.buttons { display: flex; flex-wrap: wrap; gap: 6px; margin-top: 6px; }
.buttons > *, .ask button { border: 1px solid var(--line); background: var(--ground); color: var(--ink); border-radius: 18px; padding: 7px 14px; text-decoration: none; min-height: 36px; }
.ask { display: flex; gap: 6px; margin-top: 6px; } .ask input { border: 1px solid var(--line); border-radius: 8px; padding: 7px 10px; background: var(--ground); color: var(--ink); min-width: 0; }
.link { border: 0; background: none; color: var(--ink); text-decoration: underline; padding: 4px; }
.typing { min-height: 20px; margin: 0; padding: 0 16px 4px; overflow-wrap: anywhere; font-size: 13px; color: var(--quiet); }
.note { margin: 0; font-size: 13px; background: var(--raised); } .note:not(:empty) { padding: 8px 14px; }
.composer { border-top: 1px solid var(--line); padding: 8px; }
.row { display: flex; align-items: flex-end; gap: 6px; }
textarea { flex: 1; min-width: 0; resize: none; border: 1px solid transparent; border-radius: 10px; padding: 8px 10px; background: var(--raised); color: var(--ink); font-size: 16px; }
.tool, .send { border: 0; background: none; color: var(--quiet); width: 40px; height: 40px; border-radius: 10px; display: grid; place-items: center; padding: 0; }
.send { background: var(--accent); color: var(--on-accent); } [dir="rtl"] .send svg { transform: scaleX(-1); }
.problem { margin: 0; padding: 0 6px; color: var(--bad); font-size: 13px; } .problem:not(:empty) { padding-block-end: 6px; }
.files { display: flex; flex-wrap: wrap; gap: 6px; } .files:not(:empty) { padding-block-end: 6px; }
.stored { background: var(--raised); border-radius: 8px; padding: 3px 4px 3px 8px; font-size: 13px; max-width: 100%; overflow-wrap: anywhere; }
.stored button { border: 0; background: none; color: inherit; min-width: 24px; min-height: 24px; }
.picker { display: grid; grid-template-columns: repeat(auto-fill, minmax(36px, 1fr)); max-height: 150px; overflow-y: auto; padding-block-end: 6px; }
.picker button { border: 0; background: none; font: 20px "Apple Color Emoji", "Segoe UI Emoji", "Noto Color Emoji", sans-serif; height: 36px; border-radius: 8px; } .picker button:hover { background: var(--raised); }
.dropping { outline: 3px dashed var(--accent); outline-offset: -8px; }
@media (max-width: 480px) { .launcher[aria-expanded="true"] { display: none; } .panel { inset: 0; width: 100%; height: 100dvh; border: 0; border-radius: 0; } }
@media (prefers-reduced-motion: no-preference) { .panel { animation: rise .16s ease-out; } @keyframes rise { from { transform: translateY(8px); opacity: 0; } } }
.whole .panel { animation: none; }
`;

import { readFileSync } from 'node:fs';
import { loadFilletsPackages } from '../src/recordings/fillets.ts';
import { loadAsteriskPackage } from '../src/recordings/asterisk.ts';
import { PARTS } from '../src/recordings/recording.ts';
import { lettersOf } from '../src/recordings/transcripts.ts';
const secondsOf=(f:string)=>{const b=readFileSync(f); const at=b.lastIndexOf('OggS'); return Number(b.readBigInt64LE(at+6))/b.readUInt32LE(28+12);};
async function main(){
for (const language of ['czech','dutch'] as const) {
  const c=await loadFilletsPackages(language);
  const d=c.recordings.map(r=>secondsOf(r.file));
  const m=(f:(r:typeof c.recordings[0],i:number)=>boolean)=>{let n=0,s=0;c.recordings.forEach((r,i)=>{if(f(r,i)){n++;s+=d[i]!}});return `${n} lines ${(s/60).toFixed(1)} min`};
  console.log(c.name,m(()=>true),JSON.stringify(c.dropped),'<=6s',m((_,i)=>d[i]!<=6),'longest',Math.max(...d).toFixed(1));
  console.log(PARTS.map(p=>p+' '+m(r=>r.part===p)).join('; '));
  const spk=new Map<string,number>(); for(const r of c.recordings) spk.set(r.speaker,(spk.get(r.speaker)??0)+1);
  console.log('speakers',spk.size,JSON.stringify([...spk].sort((a,b)=>b[1]-a[1]).slice(0,6)), 'letters',lettersOf(c.recordings.map(r=>r.text),language),'chars',c.recordings.reduce((s,r)=>s+r.text.length,0));
  const tr=new Set(c.recordings.filter(r=>r.part==='training').map(r=>r.text)); const te=c.recordings.filter(r=>r.part==='test'); console.log('test texts in training',te.filter(r=>tr.has(r.text)).length,'of',te.length);
  for(const p of ['test','validation']) console.log(p,[...new Set(c.recordings.filter(r=>r.part===p).map(r=>r.id.replace(/\/[^/]*$/,'')))].sort().join(' '));
}}
void main();

import { loadFilletsPackages } from '../src/recordings/fillets.ts';
import { loadAsteriskPackage } from '../src/recordings/asterisk.ts';
import { loadPocketsphinxPackage } from '../src/recordings/sphinx.ts';
import { loadRecording, PARTS } from '../src/recordings/recording.ts';
import { lettersOf } from '../src/recordings/transcripts.ts';
for (const load of [()=>loadPocketsphinxPackage(),()=>loadAsteriskPackage(),()=>loadFilletsPackages('czech'),()=>loadFilletsPackages('dutch')]) {
  let t0=performance.now();
  const c=await load(); const listed=performance.now()-t0;
  t0=performance.now();
  const seconds=new Map<string,number>(); const counts=new Map<string,number>(); let short=0, shortSeconds=0;
  const spk=new Map<string,number>();
  let bad=0; let longest=0;
  for(const r of c.recordings){ try{ const s=await loadRecording(r); const d=s.length/16000; longest=Math.max(longest,d); seconds.set(r.part,(seconds.get(r.part)??0)+d); counts.set(r.part,(counts.get(r.part)??0)+1); spk.set(r.speaker,(spk.get(r.speaker)??0)+1); if(d<=6){short++;shortSeconds+=d}}catch(e){bad++; console.log((e as Error).message)} }
  const took=(performance.now()-t0)/1000; const total=[...seconds.values()].reduce((a,b)=>a+b,0);
  console.log(c.name,c.recordings.length,c.dropped,'min',(total/60).toFixed(1),'bad',bad,'listed ms',listed|0,'decode s',took.toFixed(1),'x',(total/took).toFixed(0),'<=6s',short,(shortSeconds/60).toFixed(1),'longest',longest.toFixed(1));
  console.log(PARTS.map(p=>`${p} ${counts.get(p)} ${((seconds.get(p)??0)/60).toFixed(1)}min`).join('; '));
  console.log('speakers',spk.size,[...spk].sort((a,b)=>b[1]-a[1]).slice(0,6));
  console.log('letters',lettersOf(c.recordings.map(r=>r.text),c.language), 'chars', c.recordings.reduce((s,r)=>s+r.text.length,0));
  const tr=new Set(c.recordings.filter(r=>r.part==='training').map(r=>r.text)); const te=c.recordings.filter(r=>r.part==='test'); console.log('test texts also in training',te.filter(r=>tr.has(r.text)).length,'of',te.length);
  console.log(c.recordings.slice(0,3).map(r=>r.id+': '+r.text), [...new Set(te.map(r=>r.id.split('/')[0]))].join(' '));
}

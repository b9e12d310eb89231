import { loadTextSources } from './src/synthesis/sources.ts';
import { openEspeakNg } from './src/synthesis/espeak-ng.ts';
import { planCorpus, corpusDefaults } from './src/synthesis/plan.ts';
import { synthesize } from './src/synthesis/synthesize.ts';
import { openCorpus } from './src/synthesis/corpus.ts';
const s=await loadTextSources();console.log(s.grammar.entropyInNats/Math.LN2);
const e=(await openEspeakNg('en'))!;
const n=Number(process.argv[2]);
const p=planCorpus(s,e,undefined,{...corpusDefaults,...(n?{texts:{training:n,validation:30,test:30,unseenWords:30,isolatedWords:5,long:5}}:{})});
const t=performance.now();
const d=await synthesize(p.utterances,[e],{});
console.log((performance.now()-t)/1000);
const c=openCorpus(d);
let sum=0,max=0,ch=0,chunk=0;for(const u of c.utterances){sum+=u.length;if(u.set==='training'){max=Math.max(max,u.length)}ch+=u.text.length;chunk+=u.text.length/5.6/u.delivery.wordsPerMinute*60}
console.log(c.length,sum/16000/3600,'h',sum*2/1e6,'MB',max/16000,sum/16000/c.length,'s mean',ch/(sum/16000),'char/s',chunk/(sum/16000));

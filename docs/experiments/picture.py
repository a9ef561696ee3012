"""Draws docs/picture.svg, the first picture of README, from the tables of docs/RESULTS.md: python docs/experiments/picture.py"""
series=[("blocks and the width of the stream","#1f5fae",[(30,69.22),(20,69.18),(15,68.68),(10,67.55),(7,64.29),(5,58.99)]),
 ("blocks alone","#0f766e",[(60,69.40),(50,69.36),(40,69.20),(30,69.30),(20,67.71),(15,64.63),(10,56.66)]),
 ("channels by magnitude, after Torch-Pruning, uncorrected","#b4540a",[(93.8,67.58),(87.6,65.09),(75.1,53.14),(62.7,36.89)])]
W,H,L,R,T,B=720,330,52,16,34,46
lo,hi=35,72
x=lambda p:L+(100-p)/100*(W-L-R); y=lambda a:H-B-(a-lo)/(hi-lo)*(H-T-B)
o=[f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {W} {H}" role="img" font-family="sans-serif" font-size="13">',
 '<title>Accuracy by parameters kept, without training: a Vision Transformer on CIFAR-10</title>',
 '<style>.t{fill:#1b2330}.s{fill:#586374}.g{stroke:#d5dae2}.b{fill:#fff}@media (prefers-color-scheme:dark){.t{fill:#e6eaf0}.s{fill:#9aa6b6}.g{stroke:#2b333f}.b{fill:#12161d}}</style>',
 f'<rect class="b" width="{W}" height="{H}"/>',
 f'<text class="t" x="{L}" y="18" font-weight="600">Top-1 accuracy without any training, % of 10,000 test images (dense: 69.40)</text>']
for a in (40,50,60,70):
  o.append(f'<line class="g" x1="{L}" x2="{W-R}" y1="{y(a):.1f}" y2="{y(a):.1f}"/><text class="s" x="{L-8}" y="{y(a)+4:.1f}" text-anchor="end">{a}</text>')
for p in (100,80,60,40,20,10,5):
  o.append(f'<text class="s" x="{x(p):.1f}" y="{H-B+20}" text-anchor="middle">{p}</text>')
o.append(f'<text class="s" x="{(L+W-R)/2}" y="{H-8}" text-anchor="middle">parameters kept, %</text>')
o.append(f'<line x1="{L}" x2="{W-R}" y1="{y(69.4):.1f}" y2="{y(69.4):.1f}" stroke="#586374" stroke-dasharray="3 4"/>')
dash=["","7 4","2 3"]
for i,(n,c,ps) in enumerate(series):
  o.append('<polyline fill="none" stroke="%s" stroke-width="2.5" stroke-dasharray="%s" points="%s"/>'%(c,dash[i]," ".join(f"{x(p):.1f},{y(a):.1f}" for p,a in ps)))
  for p,a in ps: o.append(f'<circle cx="{x(p):.1f}" cy="{y(a):.1f}" r="3.5" fill="{c}"><title>{n}: {p} % of the parameters, {a} %</title></circle>')
for (tx,ty,a,i) in ((x(58),y(55.5),"start",0),(x(58),y(51.8),"start",1),(x(58),y(48.1),"start",2)):
  n,c,_=series[i]
  o.append(f'<line x1="{tx-34:.1f}" x2="{tx-8:.1f}" y1="{ty-4:.1f}" y2="{ty-4:.1f}" stroke="{c}" stroke-width="2.5" stroke-dasharray="{dash[i]}"/><text class="t" x="{tx:.1f}" y="{ty:.1f}" text-anchor="{a}">{n}</text>')
o.append('</svg>')
open('docs/picture.svg','w').write("\n".join(o)+"\n")

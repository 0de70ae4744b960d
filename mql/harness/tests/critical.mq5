#property copyright "Lockstep"
input int InpFault=1;
int g_values[];
int g_fixed[3];
int Divide(int a,int b) { return(a/b); }

int OnInit()
  {
   ArrayResize(g_values,2,100);
   string text="abc";
   int zero=ArraySize(g_values)-2;
   switch(InpFault)
     {
      case 1:
        {
         g_values[2]=1;
         break;
        }
      case 2:
         g_fixed[zero-1]=1;
         break;

      case 3:
         Print(text[3]);
         break;

      case 4:
         Print(7/zero);
         break;

      case 5:
         Print(7.0/(double)zero);
         break;

      case 6:
         Take(g_values,2);
         break;
     }
   return(INIT_SUCCEEDED);
  }

void Take(const int &values[],int i)
  {
   Print(values[i]);
  }
